package io.github.mirroredsupervisor.sample.measure;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What the database records about peers that were declared dead, collected before the rows are deleted. All times are
 * of {@link System#nanoTime()}. For one thread.
 */
final class Inquest {

    private static final String DEATHS = """
            select id, last_renewed_at, ended_at, lease_ms from mirrored_supervisor.peer where state = 'DEAD'
            """;

    private static final String GRANTS = """
            select child_id, token from mirrored_supervisor.history where what = 'GRANTED' and to_peer = :peer
            """;

    private final JdbcClient jdbc;
    private final ServerClock clock;
    private final Set<UUID> known = new HashSet<>();
    private final List<Death> deaths = new ArrayList<>();

    /**
     * A death certificate.
     *
     * @param lastRenewedNanos when the peer had renewed last
     * @param diedNanos when it was declared dead
     * @param leaseNanos its lease
     * @param grants the runs that it had been granted
     */
    record Death(long lastRenewedNanos, long diedNanos, long leaseNanos, List<Grant> grants) {

        boolean isTooEarly() {
            return diedNanos - lastRenewedNanos < leaseNanos;
        }
    }

    /** One granted run of a child. */
    record Grant(String child, long token) {}

    Inquest(JdbcClient jdbc, ServerClock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** Reads the deaths since the last call. */
    void collect() {
        ToLongFunction<Instant> nanos = clock.nanos();
        jdbc.sql(DEATHS).query(row -> {
            UUID peer = row.getObject("id", UUID.class);
            if (known.add(peer)) {
                deaths.add(new Death(
                        nanos.applyAsLong(row.getObject("last_renewed_at", OffsetDateTime.class)
                                .toInstant()),
                        nanos.applyAsLong(
                                row.getObject("ended_at", OffsetDateTime.class).toInstant()),
                        row.getLong("lease_ms") * 1_000_000,
                        grants(peer)));
            }
        });
    }

    private List<Grant> grants(UUID peer) {
        return jdbc.sql(GRANTS)
                .param("peer", peer)
                .query((row, number) -> new Grant(row.getString("child_id"), row.getLong("token")))
                .list();
    }

    List<Death> deaths() {
        return List.copyOf(deaths);
    }
}
