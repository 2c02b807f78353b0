package io.github.mirroredsupervisor.internal.postgres;

import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that needs longer for a thousand rows than a call may take. */
class SlowServerTests extends StoreTest {

    private static final int MANY = 1000;

    @BeforeEach
    void slowDown() {
        speedUp();
        database.execute(
                "create function public.think() returns trigger language plpgsql as"
                        + " 'begin perform pg_catalog.pg_sleep(0.004); return new; end'",
                "create trigger thinking before update on mirrored_supervisor.child"
                        + " for each row execute function public.think()");
    }

    @AfterEach
    void speedUp() {
        database.execute(
                "drop trigger if exists thinking on mirrored_supervisor.child",
                "drop function if exists public.think() cascade");
    }

    /**
     * The server goes on with a statement that its client has given up, so the rows are granted under tokens that
     * nobody knows, and have to be granted anew.
     */
    @Test
    void aGrantThatTakesTooLongIsRepeatedInParts() {
        WorkSession work = work();
        work.join(request(a, Set.of("relay"), List.of()));
        database.execute("insert into mirrored_supervisor.child (group_name, id, type, restart, kind) select '" + GROUP
                + "', 'c' || i, 'relay', 'PERMANENT', 'WORKER' from generate_series(1, " + MANY + ") i");
        Set<String> ids = IntStream.rangeClosed(1, MANY).mapToObj(i -> "c" + i).collect(Collectors.toSet());
        await().atMost(Duration.ofMinutes(2)).until(() -> granted(work, ids).size() == MANY);
    }

    private Map<String, Long> granted(WorkSession work, Set<String> ids) {
        try {
            return grant(work, a, expected(work.rows(GROUP, ids)));
        } catch (StoreUnavailableException e) {
            return Map.of();
        }
    }
}
