package io.github.mirroredsupervisor.testing;

import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSource.Preparation;
import io.github.mirroredsupervisor.internal.postgres.source.Credentials;
import io.github.mirroredsupervisor.internal.postgres.source.DriverConnections;
import java.time.Duration;
import java.util.Map;

/** Settings for stores under test. */
public final class TestStores {

    /** Long, so that no call of a test on a busy machine runs into a bound that it does not test. */
    public static final Duration LEASE = Duration.ofSeconds(30);

    private TestStores() {}

    public static ConnectionSettings settings(Database database) {
        return settings(database, LEASE);
    }

    public static ConnectionSettings settings(Database database, Duration lease) {
        return settings(database, "test", lease, lease.dividedBy(5));
    }

    /** Of the same database by another URL. */
    public static ConnectionSettings settings(String url, Database database, Duration lease) {
        return settings(new Database(url, database.username(), database.password()), lease);
    }

    public static ConnectionSettings settings(Database database, String label, Duration lease, Duration renewInterval) {
        return new ConnectionSettings(
                source(database.jdbcUrl(), database.username(), database.password(), Map.of()),
                label,
                lease,
                renewInterval);
    }

    public static ConnectionSettings settings(
            String url, String username, String password, Map<String, String> properties) {
        return new ConnectionSettings(source(url, username, password, properties), "test", LEASE, LEASE.dividedBy(5));
    }

    private static DriverConnections source(
            String url, String username, String password, Map<String, String> properties) {
        Credentials credentials = new Credentials(username, password);
        return new DriverConnections(url, properties, () -> credentials, Preparation.NONE);
    }
}
