package io.github.mirroredsupervisor.autoconfigure.schema;

import io.github.mirroredsupervisor.autoconfigure.diagnostics.DatabaseAdvice;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.autoconfigure.process.ShutdownSignal;
import io.github.mirroredsupervisor.internal.postgres.server.ServerCheck;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;

/**
 * Brings the schema {@code mirrored_supervisor} up to date, or checks that it is. It has a separate schema, history and
 * Flyway instance, none of them a bean. So the application's migrations, in any order and by any tool, neither see nor
 * disturb it.
 */
public final class SupervisorSchemaMigrator implements InitializingBean {

    private static final Logger log = LoggerFactory.getLogger(SupervisorSchemaMigrator.class);

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** Classes of SQL states of a history that is missing, may not be read, or is not as Flyway made it. */
    private static final Set<String> NO_HISTORY = Set.of("22", "3F", "42");

    private static final String POSTGRES = "PostgreSQL";

    /** Classes of temporary SQL states: no connection, conflicts, shortages, a lock, the operator, the system. */
    private static final Set<String> PASSING = Set.of("08", "40", "53", "55", "57", "58");

    /**
     * How long a migration waits for a lock on a table that another session uses. Every renewal that arrives meanwhile
     * waits behind it, so this is a small part of the shortest lease.
     */
    private static final Duration LONGEST_LOCK_WAIT = Duration.ofMillis(50);

    /** Pause between two attempts, in which renewals go on. */
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(200);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final DataSource direct;

    private final DataSource dataSource;

    private final boolean migrate;

    private final ClassLoader classLoader;

    private final SchemaScripts scripts;

    private final Timing timing;

    private final List<String> locations;

    /** Whether the schema is up to date; guarded by "this". */
    private boolean done;

    /**
     * When the migration runs, and for how long it is retried.
     *
     * @param patience how long to retry while the database does not answer or another session has locked a table
     * @param later whether the migration is left to the peer, which runs it in the background before it joins
     */
    public record Timing(Duration patience, boolean later) {}

    public SupervisorSchemaMigrator(DataSource dataSource, boolean migrate, ClassLoader classLoader, Timing timing) {
        this(dataSource, migrate, classLoader, timing, List.of());
    }

    /**
     * Creates a migrator.
     *
     * @param furtherLocations folders with migrations besides the library's own
     */
    public SupervisorSchemaMigrator(
            DataSource dataSource,
            boolean migrate,
            ClassLoader classLoader,
            Timing timing,
            List<String> furtherLocations) {
        this.direct = dataSource;
        this.dataSource = new BuiltInNamesDataSource(new ImpatientDataSource(dataSource, LONGEST_LOCK_WAIT));
        this.migrate = migrate;
        this.classLoader = classLoader;
        this.timing = timing;
        List<String> folders = Stream.concat(Stream.of(SchemaScripts.LOCATION), furtherLocations.stream())
                .toList();
        this.locations = folders.stream().map(folder -> "classpath:" + folder).toList();
        this.scripts = new SchemaScripts(classLoader, folders);
    }

    @Override
    public void afterPropertiesSet() {
        if (!timing.later()) {
            ensurePatiently();
        }
    }

    /**
     * Migrates or checks the schema now, unless that is done already. Tries once and does not wait.
     *
     * @throws SupervisorStartException if it failed
     */
    public synchronized void ensure() {
        if (!done) {
            update();
            done = true;
        }
    }

    /** Tries until it succeeds, the time is over, a failure is permanent, or the JVM shuts down. */
    private void ensurePatiently() {
        long end = System.nanoTime() + timing.patience().toNanos();
        @Nullable Problem said = null;
        try (ShutdownSignal signal = ShutdownSignal.open(() -> {})) {
            while (true) {
                try {
                    ensure();
                    return;
                } catch (SupervisorStartException ex) {
                    if (Thread.interrupted()) {
                        throw ShutdownSignal.stopped(ex);
                    }
                    if (!mayPass(ex) || System.nanoTime() - end >= 0) {
                        throw ex;
                    }
                    if (said != ex.problem()) {
                        said = ex.problem();
                        log.info("The schema is tried again: {}", ex.getMessage());
                    }
                    signal.pause(pause());
                }
            }
        }
    }

    private static Duration pause() {
        return Duration.ofMillis(
                ThreadLocalRandom.current().nextLong(SHORTEST_PAUSE.toMillis(), LONGEST_PAUSE.toMillis()));
    }

    /**
     * Whether the failure is temporary: the database does not answer, has no connection left, or another session holds
     * a lock.
     */
    private static boolean mayPass(SupervisorStartException failure) {
        SQLException cause = sqlCause(failure);
        String state = cause == null ? null : cause.getSQLState();
        return cause != null && (state == null || PASSING.contains(state.substring(0, 2)));
    }

    private void update() {
        if (migrate && isCurrent()) {
            return;
        }
        SchemaVersion version = inspect();
        if (version == null) {
            // A slice test may use another database. Where a peer is to run, its connection is refused later.
            log.info("The database is not PostgreSQL: no schema of the mirrored supervisor in it");
        } else if (migrate) {
            migrate(version);
        } else {
            verify(version);
        }
    }

    private @Nullable SchemaVersion inspect() {
        try (Connection connection = dataSource.getConnection()) {
            if (!POSTGRES.equals(connection.getMetaData().getDatabaseProductName())) {
                return null;
            }
            ServerCheck.verify(connection);
            return SchemaVersion.read(connection);
        } catch (SQLException ex) {
            throw notRead(ex);
        }
    }

    /**
     * Whether Flyway's history shows that there is nothing to do: one query, and no class of Flyway is loaded. Anything
     * else in the history, or none, is left to Flyway.
     */
    private boolean isCurrent() {
        if (!scripts.isPlain()) {
            return false;
        }
        try (Connection connection = direct.getConnection()) {
            return POSTGRES.equals(connection.getMetaData().getDatabaseProductName())
                    && SchemaHistory.read(connection, LONGEST_LOCK_WAIT).isExactly(scripts.all());
        } catch (SQLException ex) {
            String state = ex.getSQLState();
            if (state != null && NO_HISTORY.contains(state.substring(0, 2))) {
                return false;
            }
            throw notRead(ex);
        }
    }

    private SupervisorStartException notRead(SQLException failure) {
        if (INSUFFICIENT_PRIVILEGE.equals(failure.getSQLState())) {
            return mayNotUse(failure);
        }
        if (LOCK_NOT_AVAILABLE.equals(failure.getSQLState())) {
            return locked(failure);
        }
        return new SupervisorStartException(
                Problem.NO_DATABASE,
                "The mirrored supervisor could not ask the database for its schema: " + failure.getMessage(),
                DatabaseAdvice.of(failure),
                failure);
    }

    private void verify(SchemaVersion version) {
        if (version.present() >= scripts.latest()) {
            return;
        }
        Problem problem = version.exists() ? Problem.SCHEMA_OUTDATED : Problem.SCHEMA_MISSING;
        throw new SupervisorStartException(
                problem,
                (version.exists()
                                ? "The schema " + SchemaScripts.SCHEMA + " has version " + version.present()
                                        + ", and version " + scripts.latest() + " is needed"
                                : "The schema " + SchemaScripts.SCHEMA + " does not exist")
                        + ", and mirrored-supervisor.schema.migrate is false.",
                "Set mirrored-supervisor.schema.migrate=true, or " + runByHand(version));
    }

    private void migrate(SchemaVersion version) {
        try {
            if (version.exists() && version.present() < scripts.latest()) {
                LockHolders.requireNone(dataSource);
            }
            RuntimeException failure = FlywayMigration.run(dataSource, classLoader, locations, version);
            if (failure != null) {
                throw notMigrated(version, failure);
            }
        } catch (SQLException ex) {
            throw notMigrated(version, ex);
        }
    }

    private SupervisorStartException notMigrated(SchemaVersion version, Exception failure) {
        SQLException cause = sqlCause(failure);
        if (cause != null && INSUFFICIENT_PRIVILEGE.equals(cause.getSQLState())) {
            return notPermitted(version, cause);
        }
        if (cause != null && LOCK_NOT_AVAILABLE.equals(cause.getSQLState())) {
            return locked(failure);
        }
        return new SupervisorStartException(
                Problem.SCHEMA_FAILED,
                "The schema " + SchemaScripts.SCHEMA + " could not be brought up to date: " + failure.getMessage(),
                "Correct what the database objects to. If the schema is maintained by hand, set "
                        + "mirrored-supervisor.schema.migrate=false.",
                failure);
    }

    private SupervisorStartException locked(Exception cause) {
        String holders = LockHolders.describe(dataSource);
        return new SupervisorStartException(
                Problem.SCHEMA_LOCKED,
                "The schema " + SchemaScripts.SCHEMA
                        + " could not be brought up to date, as somebody else keeps its tables locked"
                        + (holders.isEmpty() ? "." : ": " + holders + "."),
                "Start the application again when that session, a dump for example, is done, or end it with pg_terminate_backend. A "
                        + "migration waits for a lock for a moment only, since running peers could not renew their leases behind it, and "
                        + "tries again for mirrored-supervisor.call-timeout.",
                cause);
    }

    private SupervisorStartException notPermitted(SchemaVersion version, SQLException cause) {
        return new SupervisorStartException(
                Problem.SCHEMA_NOT_PERMITTED,
                "The database user may not create or change the schema " + SchemaScripts.SCHEMA + ": "
                        + cause.getMessage(),
                "Let an administrator run GRANT CREATE ON DATABASE <database> TO <user> (and, if the schema belongs to another user, make "
                        + "this one its owner), or set mirrored-supervisor.schema.migrate=false and "
                        + runByHand(version),
                cause);
    }

    private static SupervisorStartException mayNotUse(SQLException cause) {
        return new SupervisorStartException(
                Problem.SCHEMA_NOT_PERMITTED,
                "The database user may not use the schema " + SchemaScripts.SCHEMA + ": " + cause.getMessage(),
                """
                Let its owner run:

                GRANT USAGE ON SCHEMA mirrored_supervisor TO <user>;
                GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA mirrored_supervisor TO <user>;
                GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA mirrored_supervisor TO <user>;
                """,
                cause);
    }

    private String runByHand(SchemaVersion version) {
        return "run this as a user who may, and grant the application's user USAGE on the schema, USAGE, SELECT and UPDATE on its sequences, and "
                + "SELECT, INSERT, UPDATE and DELETE on its tables:\n\n" + scripts.from(version.present());
    }

    private static @Nullable SQLException sqlCause(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return sql;
            }
        }
        return null;
    }
}
