package io.github.mirroredsupervisor.internal.postgres.server;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;

/**
 * Which server answers, and since when: its timeline and start time (faults F4). The text is the same for every
 * session, whatever its time zone. Thread-safe.
 */
public final class ServerIdentity {

    private static final String STARTED = "extract(epoch from pg_catalog.pg_postmaster_start_time())::text";

    // Correct immediately after a promotion, unlike the control file.
    private static final String TIMELINE =
            "pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8) || '/' || ";

    private static final Set<String> TIMELINE_FUNCTIONS = Set.of("pg_walfile_name", "pg_current_wal_lsn");

    private volatile boolean timelineWithheld;

    /** The select expression. */
    public String expression() {
        return timelineWithheld ? STARTED : TIMELINE + STARTED;
    }

    /**
     * Some providers do not let the role read the log's position. From the next {@link #expression()} on, only the
     * start time is used.
     */
    public void failed(Throwable failure) {
        timelineWithheld = timelineWithheld || SqlStates.isFunctionWithheld(failure, TIMELINE_FUNCTIONS);
    }

    /** Asks with the select expression; asks again without the timeline if the role may not read it. */
    public <T> T ask(Question<T> question) throws SQLException {
        try {
            return question.ask(expression());
        } catch (SQLException e) {
            boolean before = timelineWithheld;
            failed(e);
            if (before == timelineWithheld) {
                throw e;
            }
            return question.ask(expression());
        }
    }

    public String of(Connection connection) throws SQLException {
        return ask(expression -> {
            try (Statement statement = connection.createStatement();
                    ResultSet result = statement.executeQuery("select " + expression)) {
                result.next();
                return result.getString(1);
            }
        });
    }

    /** A query that contains the expression. */
    @FunctionalInterface
    public interface Question<T> {
        T ask(String expression) throws SQLException;
    }
}
