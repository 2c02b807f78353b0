package io.github.mirroredsupervisor.autoconfigure;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import io.github.mirroredsupervisor.autoconfigure.SupervisorStartException.Problem;
import java.util.Map;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.datasource.AbstractDriverBasedDataSource;
import org.springframework.util.ClassUtils;

/**
 * Finds out where the supervisor's own connections go: where the settings say, else where the application's connections go. A pool is only
 * asked for its URL, never for a connection.
 */
final class ConnectionResolver {

    private static final String POSTGRES = "jdbc:postgresql:";

    private static final boolean HIKARI =
            ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource", ConnectionResolver.class.getClassLoader());

    /**
     * A way to the database.
     *
     * @param properties further properties of the driver
     */
    record Target(
            String url, @Nullable String username, @Nullable String password, Map<String, String> properties) {}

    private final SupervisorProperties.Datasource own;

    private final ObjectProvider<JdbcConnectionDetails> details;

    private final ObjectProvider<DataSource> dataSources;

    ConnectionResolver(
            SupervisorProperties.Datasource own,
            ObjectProvider<JdbcConnectionDetails> details,
            ObjectProvider<DataSource> dataSources) {
        this.own = own;
        this.details = details;
        this.dataSources = dataSources;
    }

    static boolean isPostgres(String url) {
        return url.startsWith(POSTGRES);
    }

    /** A URL without what may be a secret. */
    static String shown(String url) {
        int end = url.indexOf('?');
        return end < 0 ? url : url.substring(0, end);
    }

    /**
     * The target.
     *
     * @throws SupervisorStartException if there is none, or it is not PostgreSQL
     */
    Target resolve() {
        Target target = find();
        if (!isPostgres(target.url())) {
            throw notPostgres("the URL of the database is " + shown(target.url()));
        }
        return target;
    }

    static SupervisorStartException notPostgres(String what) {
        return new SupervisorStartException(
                Problem.UNSUITABLE_DATABASE,
                "The mirrored supervisor keeps its state in PostgreSQL, but " + what + ".",
                "Set mirrored-supervisor.datasource.url (with username and password) to a URL that begins with "
                        + POSTGRES + ", or set mirrored-supervisor.enabled=false.");
    }

    private Target find() {
        if (own.url() != null && !own.url().isBlank()) {
            return new Target(own.url(), own.username(), own.password(), Map.of());
        }
        DataSource dataSource = dataSources.getIfUnique();
        Target pooled = dataSource == null || !HIKARI ? null : Pool.target(dataSource);
        if (pooled != null) {
            return pooled;
        }
        JdbcConnectionDetails known = details.getIfUnique();
        if (known != null) {
            return new Target(known.getJdbcUrl(), known.getUsername(), known.getPassword(), Map.of());
        }
        if (dataSource instanceof AbstractDriverBasedDataSource driver && driver.getUrl() != null) {
            return new Target(driver.getUrl(), driver.getUsername(), driver.getPassword(), Map.of());
        }
        throw dataSource == null ? missing() : unknown(dataSource);
    }

    private SupervisorStartException missing() {
        boolean several = dataSources.stream().findAny().isPresent();
        return new SupervisorStartException(
                Problem.NO_DATABASE,
                several
                        ? "The application has several data sources and none of them is primary, so the mirrored supervisor does not know which "
                                + "database to use."
                        : "The mirrored supervisor needs a PostgreSQL database, and the application has no data source.",
                (several ? "Mark one of them with @Primary, or set" : "Set spring.datasource.url, or set")
                        + " mirrored-supervisor.datasource.url (with username and password), or set "
                        + "mirrored-supervisor.enabled=false.");
    }

    private static SupervisorStartException unknown(DataSource dataSource) {
        return new SupervisorStartException(
                Problem.UNKNOWN_CONNECTION,
                "The mirrored supervisor needs connections of its own, and the data source ("
                        + dataSource.getClass().getName() + ") does not tell where it connects to.",
                "Set mirrored-supervisor.datasource.url, username and password to the same database.");
    }

    /** Apart, because the pool may not be on the class path. */
    private static final class Pool {

        private static @Nullable Target target(DataSource dataSource) {
            HikariDataSource hikari =
                    DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class);
            if (hikari == null || hikari.getJdbcUrl() == null) {
                return null;
            }
            Map<String, String> properties = hikari.getDataSourceProperties().stringPropertyNames().stream()
                    .collect(Collectors.toMap(name -> name, hikari.getDataSourceProperties()::getProperty));
            return new Target(
                    hikari.getJdbcUrl(),
                    hikari.getCredentials().getUsername(),
                    hikari.getCredentials().getPassword(),
                    properties);
        }
    }
}
