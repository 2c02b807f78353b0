package io.github.mirroredsupervisor.sample.measure.node;

import io.github.mirroredsupervisor.sample.measure.PlainLock;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.stereotype.Component;

/**
 * A database session that does nothing but hold a lock, so that the measurement can see when this process has ended.
 */
@Component
@ConditionalOnBooleanProperty("lab.plain-session")
class PlainSession implements AutoCloseable {

    private final Connection session;

    PlainSession(JdbcConnectionDetails database) throws SQLException {
        this.session =
                DriverManager.getConnection(database.getJdbcUrl(), database.getUsername(), database.getPassword());
        PlainLock.hold(session);
    }

    @Override
    public void close() throws SQLException {
        session.close();
    }
}
