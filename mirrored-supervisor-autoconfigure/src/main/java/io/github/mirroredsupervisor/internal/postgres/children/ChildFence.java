package io.github.mirroredsupervisor.internal.postgres.children;

import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.FencingUnavailableException;
import io.github.mirroredsupervisor.internal.postgres.server.SqlStates;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.internal.postgres.source.JdbcUrls;
import io.github.mirroredsupervisor.internal.postgres.values.StorableText;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.ArgumentPreparedStatementSetter;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.PreparedStatementCallback;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The statements of fenced transactions. They run on the application's own connection as part of its transaction, with
 * its rights and time-outs (faults F8). Thread-safe; call it with a transaction bound to the thread.
 */
public final class ChildFence {

    /**
     * Marks a session in a fenced transaction, followed by the id of the peer: 62 of the 63 bytes that a name may have.
     */
    static final String TAG = "mirrored-supervisor fence ";

    // These statements run on the application's session, with the application's search path. So each function and
    // operator is named with its schema, and nothing is set that would change the meaning of the application's
    // statements.

    // A stricter limit of the application stays in force. The id of a peer is random and written when it joins, so only
    // the supervisor's database contains it. No other fact distinguishes a database from its copies and can be read
    // without special rights.
    private static final String ENTER = """
            select pg_catalog.set_config('application_name', ?, true),
                   pg_catalog.set_config(
                       'idle_in_transaction_session_timeout',
                       case when cast(pg_catalog.current_setting('idle_in_transaction_session_timeout') as interval)
                                 operator(pg_catalog.>=) interval '1 ms'
                             and cast(pg_catalog.current_setting('idle_in_transaction_session_timeout') as interval)
                                 operator(pg_catalog.<=) cast(? as interval)
                            then pg_catalog.current_setting('idle_in_transaction_session_timeout')
                            else ? end,
                       true),
                   pg_catalog.current_setting('transaction_read_only') as read_only,
                   exists (select from mirrored_supervisor.peer where id operator(pg_catalog.=) ?) as known
            """;

    // FOR SHARE waits for a grant in progress, then checks again, and makes the next grant wait for the end of this
    // transaction. FOR KEY SHARE would do neither.
    private static final String CHECK = """
            select true
            from mirrored_supervisor.child
            where group_name operator(pg_catalog.=) ? and id operator(pg_catalog.=) ?
              and owner operator(pg_catalog.=) ? and fencing_token operator(pg_catalog.=) ?
            for share
            """;

    // The check and the commit in one round trip. Without a row, the text is not a boolean value: the statement fails,
    // and the server does not carry out the commit. Nothing shorter fails only then, and only when it is executed.
    private static final String NOT_HELD = "the run is stale";

    /** The SQL state of a text that is not a value of its type. */
    private static final String NO_VALUE = "22P02";

    private static final String CHECK_AND_COMMIT =
            "select cast(coalesce((select 'true' from (CHECK) held), 'NOT_HELD') as boolean); commit"
                    .replace("CHECK", CHECK)
                    .replace("NOT_HELD", NOT_HELD);

    private final JdbcTemplate application;
    private final JdbcClient jdbc;
    private final String supervisor;
    private final String idleLimit;

    /**
     * A fence around transactions on a data source.
     *
     * @param application the data source of the transactions
     * @param supervisor the database with the children's rows; it has to be the same database
     * @param idleLimit how long a fenced transaction may be idle before the server ends it; below the lease
     */
    public ChildFence(DataSource application, ConnectionSettings supervisor, Duration idleLimit) {
        this.application = new JdbcTemplate(application);
        this.jdbc = JdbcClient.create(this.application);
        this.supervisor = supervisor.source().place();
        this.idleLimit = Math.max(1, idleLimit.toMillis()) + "ms";
    }

    /**
     * Prepares the transaction: from now on the session is tagged, and the server ends it when it is idle for too long.
     *
     * @throws FencingUnavailableException if it is read-only or not on the supervisor's database
     */
    public void enter(ChildRef run) {
        UUID owner = run.owner().id().value();
        Standing standing;
        try {
            standing = jdbc.sql(ENTER)
                    .params(TAG + owner, idleLimit, idleLimit, owner)
                    .query((row, number) ->
                            new Standing("on".equals(row.getString("read_only")), row.getBoolean("known")))
                    .single();
        } catch (DataAccessException e) {
            throw explained(e);
        }
        if (standing.readOnly()) {
            throw new FencingUnavailableException("Transactions on " + place()
                    + " are read-only, and a fenced one has to lock the child's row. Let the application connect to the primary, without"
                    + " default_transaction_read_only.");
        }
        if (!standing.known()) {
            throw otherDatabase(null);
        }
    }

    /**
     * Whether the run is the child's current one. If so, it stays current until the end of the transaction: a grant of
     * a later token has to wait.
     *
     * @throws FencingUnavailableException if the application's role may not lock the row
     */
    public boolean holds(ChildRef run) {
        try {
            return jdbc.sql(CHECK)
                    .params(expected(run))
                    .query(Boolean.class)
                    .optional()
                    .isPresent();
        } catch (DataAccessException e) {
            throw explained(e);
        }
    }

    /**
     * Commits the transaction if the run is the child's current one. The driver's own commit then finds nothing left to
     * do. Otherwise the transaction can only be rolled back.
     *
     * @throws FencingUnavailableException if the application's role may not lock the row
     */
    public boolean commitIfHeld(ChildRef run) {
        try {
            application.execute(CHECK_AND_COMMIT, (PreparedStatementCallback<Boolean>) statement -> {
                new ArgumentPreparedStatementSetter(expected(run)).setValues(statement);
                return statement.execute();
            });
            return true;
        } catch (DataAccessException e) {
            if (NO_VALUE.equals(SqlStates.stateOf(e)) && SqlStates.describe(e).contains(NOT_HELD)) {
                return false;
            }
            throw explained(e);
        }
    }

    private static Object[] expected(ChildRef run) {
        return new Object[] {
            StorableText.clean(run.group()),
            StorableText.clean(run.childId()),
            run.owner().id().value(),
            run.fencingToken()
        };
    }

    private RuntimeException explained(DataAccessException failure) {
        if (SqlStates.isForbidden(failure)) {
            return new FencingUnavailableException(
                    "The role of the application's transactions on " + place()
                            + " may not check and lock the rows of the mirrored supervisor. Grant it usage on schema mirrored_supervisor, select on"
                            + " mirrored_supervisor.peer, and select and update on mirrored_supervisor.child: "
                            + SqlStates.explain(failure),
                    failure);
        }
        return SqlStates.isUnknownTable(failure) || !isPostgres() ? otherDatabase(failure) : failure;
    }

    private FencingUnavailableException otherDatabase(@Nullable Throwable cause) {
        return new FencingUnavailableException(
                "The application's transaction is on " + place() + ", and the mirrored supervisor is on " + supervisor
                        + ", which is not the same database: no transaction there can check a child's owner. Let"
                        + " mirrored-supervisor.fencing.transaction-manager name a transaction manager of the supervisor's database, or"
                        + " mirrored-supervisor.datasource.url the database of the application's transactions.",
                cause);
    }

    private boolean isPostgres() {
        return "PostgreSQL".equals(metaData(DatabaseMetaData::getDatabaseProductName));
    }

    private String place() {
        return JdbcUrls.withoutParameters(metaData(DatabaseMetaData::getURL));
    }

    /** Queries only the driver, as the server may already have refused the transaction. */
    private String metaData(Question question) {
        String answer = application.execute((Connection open) -> question.ask(open.getMetaData()));
        return answer == null ? "an unknown database" : answer;
    }

    private record Standing(boolean readOnly, boolean known) {}

    @FunctionalInterface
    private interface Question {
        String ask(DatabaseMetaData driver) throws SQLException;
    }
}
