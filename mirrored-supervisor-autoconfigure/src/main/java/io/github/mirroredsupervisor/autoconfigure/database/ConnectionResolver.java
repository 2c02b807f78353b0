package io.github.mirroredsupervisor.autoconfigure.database;

import io.github.mirroredsupervisor.autoconfigure.database.DataSourceOrigin.Code;
import io.github.mirroredsupervisor.autoconfigure.database.DataSourceOrigin.Url;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSource;
import io.github.mirroredsupervisor.internal.postgres.source.Credentials;
import io.github.mirroredsupervisor.internal.postgres.source.JdbcUrls;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Finds the database for the supervisor's own connections: the one in the settings, or else the application's. From a
 * pool it reads only the URL and the present credentials, and never takes a connection.
 */
public final class ConnectionResolver {

    static final String SET_DATASOURCE_OR_MARK_ONE =
            "Set mirrored-supervisor.datasource.url (with username and password) to the database that it is to use, or mark a DataSource bean with"
                    + " @MirroredSupervisorDataSource, or set mirrored-supervisor.enabled=false.";

    private static final String USERNAME = "mirrored-supervisor.datasource.username";

    private static final String PASSWORD = "mirrored-supervisor.datasource.password";

    private final Environment environment;

    private final Own own;

    private final ObjectProvider<DataSource> marked;

    private final ObjectProvider<JdbcConnectionDetails> details;

    private final ObjectProvider<DataSource> dataSources;

    private final Predicate<DataSource> described;

    private final boolean r2dbc;

    /** The settings for the supervisor's own connections; null where not set. */
    public record Own(
            @Nullable String url,
            @Nullable String username,
            @Nullable String password) {

        /** Leaves out the password and the values of the URL's parameters. */
        @Override
        public String toString() {
            return "Own[" + (url == null ? "" : shown(url)) + "]";
        }
    }

    /**
     * A resolver.
     *
     * @param marked the data source beans that are marked as the supervisor's
     * @param dataSources all data source beans that may be injected
     * @param described whether this data source was made from the connection details
     * @param r2dbc whether the application has an R2DBC connection factory, with which Spring Boot makes no data source
     */
    public ConnectionResolver(
            Environment environment,
            Own own,
            ObjectProvider<DataSource> marked,
            ObjectProvider<JdbcConnectionDetails> details,
            ObjectProvider<DataSource> dataSources,
            Predicate<DataSource> described,
            boolean r2dbc) {
        this.environment = environment;
        this.own = own;
        this.marked = marked;
        this.details = details;
        this.dataSources = dataSources;
        this.described = described;
        this.r2dbc = r2dbc;
    }

    /** The URL without parts that may be secret. */
    static String shown(String url) {
        return JdbcUrls.shown(url);
    }

    /**
     * The source of connections.
     *
     * @throws SupervisorStartException if there is none, or it is not PostgreSQL
     */
    public ConnectionSource resolve() {
        if (StringUtils.hasText(own.url())) {
            return plain(named(own.url())).source();
        }
        DataSource chosen = chosen(marked, true);
        DataSourceOrigin origin = chosen != null ? ofMarked(chosen) : ofApplication(described);
        if (origin instanceof Code code) {
            return code.source();
        }
        Url url = (Url) origin;
        return plain(StringUtils.hasText(own.username()) ? url.as(this::ownCredentials) : url)
                .source();
    }

    /**
     * Another URL of the same database. Everything else comes from the application's connection, unless the settings or
     * the URL name a user.
     */
    private Url named(String url) {
        if (StringUtils.hasText(own.username()) || namesItsUser(url)) {
            return new Url(url, Map.of(), this::ownCredentials);
        }
        DataSourceOrigin application = null;
        try {
            DataSource chosen = chosen(marked, true);
            // The address is known; the details only supply the user and password.
            application = chosen != null ? ofMarked(chosen) : ofApplication(any -> true);
        } catch (SupervisorStartException ex) {
            // The application has no connection, so there is nothing to add.
        }
        return application instanceof Url known && known.plain() != null
                ? known.at(url)
                : new Url(url, Map.of(), this::ownCredentials);
    }

    private static boolean namesItsUser(String url) {
        return url.contains("?user=") || url.contains("&user=");
    }

    /** Reads the environment and not the bound settings, because a property source may rotate the credentials. */
    private Credentials ownCredentials() {
        return new Credentials(present(USERNAME, own.username()), present(PASSWORD, own.password()));
    }

    private @Nullable String present(String property, @Nullable String atStart) {
        String present = environment.getProperty(property);
        return present == null ? atStart : present;
    }

    private static DataSourceOrigin ofMarked(DataSource chosen) {
        DataSourceOrigin origin = DataSourceOrigins.of(chosen);
        return origin == null ? new Code(chosen, ConnectionSource.Preparation.NONE) : origin;
    }

    /**
     * Where the application connects. Connection details exist even if a test has replaced the data source that was
     * made from them by a mock or another database. Then they point to a server that the application does not use.
     *
     * @param describes whether the connection details belong to a data source that does not expose its own
     */
    private DataSourceOrigin ofApplication(Predicate<DataSource> describes) {
        DataSource dataSource = chosen(dataSources, false);
        DataSourceOrigin origin = dataSource == null ? null : DataSourceOrigins.of(dataSource);
        if (origin instanceof Code || (origin instanceof Url url && !isVeiled(url))) {
            return origin;
        }
        Url known = ofDetails();
        if (origin != null) {
            return known != null && known.plain() != null ? known : origin;
        }
        if (known != null && (dataSource == null ? isNoneOrAny(describes) : describes.test(dataSource))) {
            return known;
        }
        throw dataSource == null ? missing() : unknown(dataSource);
    }

    /** Without any data source, the details are the only information. */
    private boolean isNoneOrAny(Predicate<DataSource> describes) {
        List<DataSource> several = dataSources.stream().toList();
        return several.isEmpty() || several.stream().anyMatch(describes);
    }

    /**
     * Whether the URL names PostgreSQL without an address for its driver, as for a test container; the details may have
     * one.
     */
    private static boolean isVeiled(Url url) {
        return url.plain() == null && WrappedUrls.namesPostgres(url.url());
    }

    private @Nullable Url ofDetails() {
        JdbcConnectionDetails known = details.getIfUnique();
        if (known == null) {
            return null;
        }
        try {
            return new Url(
                    known.getJdbcUrl(), Map.of(), () -> new Credentials(known.getUsername(), known.getPassword()));
        } catch (RuntimeException ex) { // no URL is configured
            return null;
        }
    }

    private static @Nullable DataSource chosen(ObjectProvider<DataSource> candidates, boolean marked) {
        DataSource only = candidates.getIfUnique();
        if (only == null && marked && candidates.stream().findAny().isPresent()) {
            throw new SupervisorStartException(
                    Problem.NO_DATABASE,
                    "Several DataSource beans are marked with @MirroredSupervisorDataSource, so the mirrored supervisor does not know which"
                            + " database to use.",
                    "Mark one of them only.");
        }
        return only;
    }

    /** The same target with the URL for the PostgreSQL driver itself. */
    private static Url plain(Url target) {
        String plain = target.plain();
        if (plain == null) {
            throw notPostgres(target.url());
        }
        return target.at(plain);
    }

    private static SupervisorStartException notPostgres(String url) {
        return new SupervisorStartException(
                Problem.UNSUITABLE_DATABASE,
                WrappedUrls.namesPostgres(url)
                        ? "The mirrored supervisor cannot tell from the URL " + shown(url)
                                + " where the PostgreSQL driver is to connect and as whom."
                        : "The mirrored supervisor keeps its state in PostgreSQL, but the URL of the database is "
                                + shown(url) + ".",
                "Set mirrored-supervisor.datasource.url (with username and password) to a URL that begins with "
                        + WrappedUrls.POSTGRES + ", or set mirrored-supervisor.enabled=false.");
    }

    private SupervisorStartException missing() {
        if (dataSources.stream().findAny().isPresent()) {
            return new SupervisorStartException(
                    Problem.NO_DATABASE,
                    "The application has several data sources and none of them is primary, so the mirrored supervisor does not know which "
                            + "database to use.",
                    "Mark one of them with @MirroredSupervisorDataSource or @Primary, or set mirrored-supervisor.datasource.url (with username"
                            + " and password), or set mirrored-supervisor.enabled=false.");
        }
        if (r2dbc) {
            return new SupervisorStartException(
                    Problem.NO_DATABASE,
                    "The mirrored supervisor needs a PostgreSQL database by JDBC, and the application reaches its own by R2DBC, beside which"
                            + " Spring Boot makes no data source.",
                    "Set mirrored-supervisor.datasource.url, username and password to the same database, with a URL that begins with "
                            + WrappedUrls.POSTGRES + ", or set mirrored-supervisor.enabled=false.");
        }
        return new SupervisorStartException(
                Problem.NO_DATABASE,
                "The mirrored supervisor needs a PostgreSQL database, and the application has no data source.",
                "Set spring.datasource.url, or set mirrored-supervisor.datasource.url (with username and password), or set "
                        + "mirrored-supervisor.enabled=false.");
    }

    private static SupervisorStartException unknown(DataSource dataSource) {
        return new SupervisorStartException(
                Problem.UNKNOWN_CONNECTION,
                "The mirrored supervisor needs connections of its own, and the data source ("
                        + dataSource.getClass().getName() + ") does not tell where it connects to.",
                SET_DATASOURCE_OR_MARK_ONE);
    }
}
