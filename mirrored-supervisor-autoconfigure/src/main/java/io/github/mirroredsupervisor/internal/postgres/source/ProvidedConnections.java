package io.github.mirroredsupervisor.internal.postgres.source;

import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.AutoSave;

/**
 * Connections that the application's own code opens. They are bounded and checked like any other. Thread-safe if the
 * data source is.
 */
public final class ProvidedConnections extends ConnectionSource {

    private final DataSource dataSource;
    private final Preparation preparation;
    private final String place;

    /**
     * Connections of a data source.
     *
     * @param dataSource has to open a new connection of the PostgreSQL driver at each call
     * @param preparation prepares each new session
     * @param place the name for people
     */
    public ProvidedConnections(DataSource dataSource, Preparation preparation, String place) {
        this.dataSource = dataSource;
        this.preparation = preparation;
        this.place = place;
    }

    /** The driver prints the whole of a URL that it cannot read, also when the application passes it. */
    @Override
    Connection connect(Attempt attempt) throws SQLException {
        try {
            return prepared(dataSource.getConnection(), attempt);
        } catch (UnsupportedServerException e) {
            throw e;
        } catch (SQLException e) {
            throw Secrets.ofAnyUrl().hide(e);
        } catch (RuntimeException e) {
            throw Secrets.ofAnyUrl().hide(e);
        }
    }

    private Connection prepared(@Nullable Connection connection, Attempt attempt) throws SQLException {
        if (connection == null) {
            throw new UnsupportedServerException("Asked for a connection, " + place
                    + " returned null, as a mock does. Let it open connections of the PostgreSQL driver, or set"
                    + " mirrored-supervisor.datasource.url, or mirrored-supervisor.enabled=false.");
        }
        try {
            if (!connection.isWrapperFor(PGConnection.class)) {
                throw new UnsupportedServerException("The connections of " + place
                        + " are not those of the PostgreSQL driver, as they do not unwrap to "
                        + PGConnection.class.getName()
                        + ". Let it open connections of that driver, or set mirrored-supervisor.datasource.url.");
            }
            connection.setNetworkTimeout(
                    Runnable::run, Math.toIntExact(attempt.answer().toMillis()));
            connection.setAutoCommit(true);
            connection.setClientInfo("ApplicationName", attempt.applicationName());
            connection.unwrap(PGConnection.class).setAutosave(AutoSave.NEVER);
            preparation.prepare(connection);
            return connection;
        } catch (SQLException | RuntimeException e) {
            connection.abort(Runnable::run);
            throw e;
        }
    }

    @Override
    public String place() {
        return place;
    }
}
