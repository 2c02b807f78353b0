package io.github.mirroredsupervisor.internal.postgres.source;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * A source of connections for libraries that need a data source. Each connection is new and uses fresh credentials.
 * Thread-safe.
 */
public final class UnpooledDataSource extends AbstractDataSource {

    private final ConnectionSource source;
    private final ConnectionSource.Attempt attempt;

    public UnpooledDataSource(ConnectionSource source, ConnectionSource.Attempt attempt) {
        this.source = source;
        this.attempt = attempt;
    }

    @Override
    public Connection getConnection() throws SQLException {
        return source.open(attempt);
    }

    @Override
    public Connection getConnection(String username, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("The credentials are those of the application");
    }
}
