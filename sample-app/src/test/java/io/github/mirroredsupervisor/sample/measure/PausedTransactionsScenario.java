package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.witness.Fault;
import java.time.Duration;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The owner is paused across its deadline in the middle of its children's transactions, half of which are fenced, and
 * continues them when it is resumed. Each row has the time of its commit. A row that was committed after a later token
 * was granted is stale.
 */
final class PausedTransactionsScenario implements Scenario {

    private static final int WRITERS = 5;

    private static final List<String> TABLE = List.of("""
            create table slow_write (
                id bigint generated always as identity primary key,
                child text not null,
                token bigint not null,
                fenced boolean not null,
                committed_at timestamptz)
            """, """
            create function stamp_slow_write() returns trigger language plpgsql as $$
            begin
                update slow_write set committed_at = clock_timestamp() where id = new.id;
                return null;
            end
            $$
            """, """
            create constraint trigger stamp_slow_write after insert on slow_write
                deferrable initially deferred for each row execute function stamp_slow_write()
            """);

    private static final String WRITES = """
            select count(*) as accepted,
                   count(*) filter (where w.committed_at > (
                       select min(h.at) from mirrored_supervisor.history h
                        where h.child_id = w.child and h.what = 'GRANTED' and h.token > w.token)) as stale
              from slow_write w
             where w.fenced = :fenced
            """;

    private record Writes(long accepted, long stale) {}

    private final Duration settle;

    PausedTransactionsScenario(Duration settle) {
        this.settle = settle;
    }

    @Override
    public Finding run(TestBed bed, int cycles) {
        bed.awaitRest();
        TABLE.forEach(sql -> bed.jdbc().sql(sql).update());
        new IdleClient(bed.busiestNode()).startWriters(WRITERS);
        Finding finding = new FaultScenario(Fault.Kind.PAUSE, settle).run(bed, cycles);
        Writes fenced = writes(bed.jdbc(), true);
        Writes plain = writes(bed.jdbc(), false);
        finding.promise(
                fenced.accepted() > 0 && fenced.stale() == 0,
                fenced.accepted() + " fenced writes accepted: " + fenced.stale() + " after a later token was granted");
        finding.line("        " + plain.accepted() + " writes without a fence accepted: " + plain.stale()
                + " after a later token was granted");
        return finding;
    }

    private static Writes writes(JdbcClient jdbc, boolean fenced) {
        return jdbc.sql(WRITES).param("fenced", fenced).query(Writes.class).single();
    }
}
