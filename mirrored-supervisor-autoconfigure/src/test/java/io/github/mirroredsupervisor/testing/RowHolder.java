package io.github.mirroredsupervisor.testing;

import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/** Another session's transaction, which holds its locks until the test ends it. */
public final class RowHolder implements AutoCloseable {

    private static final String WAITERS = """
            select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
            """;

    private final Database database;
    private final Connection connection;

    private RowHolder(Database database) {
        this.database = database;
        this.connection = database.connect();
    }

    /** Runs the statement in an open transaction. */
    public static RowHolder of(Database database, String sql, Object... parameters) {
        RowHolder holder = new RowHolder(database);
        try {
            holder.connection.setAutoCommit(false);
            try (PreparedStatement statement = holder.connection.prepareStatement(sql)) {
                for (int i = 0; i < parameters.length; i++) {
                    statement.setObject(i + 1, parameters[i]);
                }
                statement.execute();
            }
            return holder;
        } catch (SQLException e) {
            holder.close();
            throw new IllegalStateException(e);
        }
    }

    /** Waits until the given number of the database's sessions wait for a lock. */
    public RowHolder awaitWaiters(int count) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> waiters() >= count);
        return this;
    }

    public void commit() {
        end(Connection::commit);
    }

    public void rollback() {
        end(Connection::rollback);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private int waiters() throws SQLException {
        try (Connection asking = database.connect();
                PreparedStatement statement = asking.prepareStatement(WAITERS);
                ResultSet result = statement.executeQuery()) {
            result.next();
            return result.getInt(1);
        }
    }

    private void end(Ending ending) {
        try {
            ending.apply(connection);
            connection.setAutoCommit(true);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Ending {
        void apply(Connection connection) throws SQLException;
    }
}
