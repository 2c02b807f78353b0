package io.github.mirroredsupervisor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The children that members declare. */
public abstract class DeclaredChildContract extends StoreFixture {

    @Test
    void staticChildrenAreDeclaredOnceWithoutAnOwner() {
        List<ChildSpec> declared = List.of(spec("second"), spec("first"));
        work.join(request(a, FLAGS, Set.of("relay"), declared));
        ChildRow before = row("first");
        work.join(request(b, FLAGS, Set.of("relay"), List.of(spec("first").withRestart(RestartType.TRANSIENT))));

        assertThat(row("first").token()).isEqualTo(before.token());
        assertThat(work.allRows(GROUP)).extracting(ChildRow::id).containsExactly("second", "first");
        assertThat(work.allRows(GROUP)).allSatisfy(row -> {
            assertThat(row.isStatic()).isTrue();
            assertThat(row.owner()).isNull();
            assertThat(row.isOrphan()).isTrue();
            assertThat(row.command()).isEqualTo(Command.DECLARE);
            assertThat(row.isAnswered()).isTrue();
            assertThat(row.desired()).isEqualTo(DesiredState.RUNNING);
            assertThat(row.restart()).isEqualTo(RestartType.PERMANENT);
        });
    }

    @Test
    void aTemporaryStaticChildIsWrittenByTheFirstMemberOnly() {
        List<ChildSpec> declared = List.of(spec("once").withRestart(RestartType.TEMPORARY), spec("other"));
        work.join(request(a, FLAGS, Set.of("relay"), declared));
        grant(a, "once");
        work.remove(GROUP, List.of(OwnedToken.of(row("once"))), "ended");

        work.join(request(b, FLAGS, Set.of("relay"), declared));
        assertThat(work.allRows(GROUP)).extracting(ChildRow::id).containsExactly("other");

        work.leave(a);
        work.leave(b);
        work.join(request(c, FLAGS, Set.of("relay"), declared));
        assertThat(work.allRows(GROUP)).extracting(ChildRow::id).containsExactly("once", "other");
        assertThat(row("once").owner()).isNull();
        assertThat(row("once").phase()).isEqualTo(Phase.STARTING);
    }

    @Test
    void theFirstMemberLetsItsStaticChildrenRunAgainThatAreComplete() {
        ChildSpec once = spec("once").withRestart(RestartType.TRANSIENT);
        ChildSpec stopped = spec("stopped").withRestart(RestartType.TRANSIENT);
        ChildSpec former = spec("former").withRestart(RestartType.TRANSIENT);
        work.join(request(a, FLAGS, Set.of("relay"), List.of(once, stopped, former)));
        List.of("once", "stopped", "former").forEach(id -> {
            grant(a, id);
            report(id, a, Phase.COMPLETED, null);
        });
        work.command(GROUP, "stopped", row("stopped").revision(), Command.TERMINATE, DesiredState.STOPPED, null);
        long token = row("once").token();

        work.join(request(b, FLAGS, Set.of("relay"), List.of(once, stopped)));
        assertThat(row("once").phase()).isEqualTo(Phase.COMPLETED);

        work.leave(a);
        work.leave(b);
        work.join(request(c, FLAGS, Set.of("relay"), List.of(once, stopped)));
        assertThat(row("once").phase()).isEqualTo(Phase.STARTING);
        assertThat(row("once").isOrphan()).isTrue();
        assertThat(grant(c, "once").get("once")).isGreaterThan(token);
        assertThat(row("stopped").phase()).isEqualTo(Phase.COMPLETED);
        assertThat(row("former").phase())
                .as("the new member does not declare it")
                .isEqualTo(Phase.COMPLETED);
    }

    @Test
    void dynamicChildrenComeAfterStaticOnesInTheOrderOfCreation() {
        work.join(request(a, FLAGS, Set.of("relay"), List.of(spec("z"), spec("y"))));
        insert("b", a);
        insert("a", a);

        assertThat(work.allRows(GROUP)).extracting(ChildRow::id).containsExactly("z", "y", "b", "a");
    }
}
