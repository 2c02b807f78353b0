package io.github.mirroredsupervisor.postgres;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the database is, and how long its answers may take.
 *
 * @param jdbcUrl as for any connection to PostgreSQL; time-outs in it are replaced by those that the lease demands
 * @param username null if the URL or the driver's defaults name it
 * @param password null if the URL or the driver's defaults name it
 * @param properties further driver properties, such as those of TLS; time-outs among them are replaced as well
 * @param label names this process in {@code pg_stat_activity}
 * @param lease how long the other peers wait for a renewal; bounds every call
 * @param renewInterval how often the lease is renewed; shorter than a third of it
 */
public record ConnectionSettings(
        String jdbcUrl,
        @Nullable String username,
        @Nullable String password,
        Map<String, String> properties,
        String label,
        Duration lease,
        Duration renewInterval) {

    public ConnectionSettings {
        properties = Map.copyOf(properties);
    }

    /** Without the password and whatever the URL's parameters hold. */
    @Override
    public String toString() {
        return "ConnectionSettings[" + JdbcUrls.withoutParameters(jdbcUrl) + ", label=" + label + ", lease=" + lease
                + ", renewInterval=" + renewInterval + "]";
    }
}
