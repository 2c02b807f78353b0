package io.github.mirroredsupervisor.sample.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.sample.measure.StatementLog.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatementLogTests {

    @Test
    void readsStatementsWithTheirContinuationLines() {
        List<Statement> statements = StatementLog.parse(List.of(
                "17|mirrored-supervisor renew node-1|LOG:  execute S_1: with renewed as (",
                "\t  update mirrored_supervisor.peer set renew_seq = renew_seq + 1",
                "\t) select 1",
                "17|mirrored-supervisor renew node-1|DETAIL:  Parameters: $1 = 'x'",
                "18|outbox-relay node-1|LOG:  statement: BEGIN",
                "19||LOG:  checkpoint starting: time",
                "18|outbox-relay node-1|LOG:  execute <unnamed>/C_2: select 2"));
        assertThat(statements)
                .containsExactly(
                        new Statement(
                                "mirrored-supervisor renew node-1",
                                "with renewed as ( update mirrored_supervisor.peer set renew_seq = renew_seq + 1 ) select 1"),
                        new Statement("outbox-relay node-1", "BEGIN"),
                        new Statement("outbox-relay node-1", "select 2"));
    }

    @Test
    void tellsWritesFromReads() {
        assertThat(new Statement("a", "with x as (update peer set n = 1 returning n) select n from x").writes())
                .isTrue();
        assertThat(new Statement("a", "INSERT INTO history VALUES (1)").writes())
                .isTrue();
        assertThat(new Statement("a", "select id from peer order by id for no key update").writes())
                .isFalse();
        assertThat(new Statement("a", "select updated_at from peer").writes()).isFalse();
        assertThat(new Statement("a", "COMMIT").writes()).isFalse();
        assertThat(new Statement("a", "COMMIT").isFrame()).isTrue();
    }
}
