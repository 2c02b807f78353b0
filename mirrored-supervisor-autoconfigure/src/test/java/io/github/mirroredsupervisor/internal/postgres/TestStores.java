package io.github.mirroredsupervisor.internal.postgres;

import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.testing.Database;
import java.time.Duration;
import java.util.Map;

/** Settings for stores under test. */
final class TestStores {

    /** Long, so that no call of a test on a busy machine runs into a bound that it does not test. */
    static final Duration LEASE = Duration.ofSeconds(30);

    private TestStores() {}

    static ConnectionSettings settings(Database database) {
        return settings(database, LEASE);
    }

    static ConnectionSettings settings(Database database, Duration lease) {
        return settings(database.jdbcUrl(), database, lease);
    }

    static ConnectionSettings settings(String url, Database database, Duration lease) {
        return new ConnectionSettings(
                url, database.username(), database.password(), Map.of(), "test", lease, lease.dividedBy(5));
    }
}
