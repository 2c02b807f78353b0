package io.github.mirroredsupervisor.autoconfigure.database;

import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSource;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSource.Preparation;
import io.github.mirroredsupervisor.internal.postgres.source.Credentials;
import io.github.mirroredsupervisor.internal.postgres.source.DriverConnections;
import io.github.mirroredsupervisor.internal.postgres.source.ProvidedConnections;
import java.util.Map;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Where a data source of the application gets its connections. */
sealed interface DataSourceOrigin {

    /** The same origin with the credentials and the preparation of a pool around it. */
    DataSourceOrigin within(Supplier<Credentials> credentials, Preparation preparation);

    /**
     * A driver opens them.
     *
     * @param url as the application configures it; it may be that of a wrapper around the driver
     * @param properties of the driver
     * @param credentials returns the ones that are valid at the time of the call
     * @param preparation what each session begins with
     */
    record Url(String url, Map<String, String> properties, Supplier<Credentials> credentials, Preparation preparation)
            implements DataSourceOrigin {

        /** Without a preparation. */
        Url(String url, Map<String, String> properties, Supplier<Credentials> credentials) {
            this(url, properties, credentials, Preparation.NONE);
        }

        @Override
        public DataSourceOrigin within(Supplier<Credentials> outer, Preparation after) {
            return new Url(
                    url,
                    properties,
                    () -> {
                        Credentials present = outer.get();
                        return present.username() == null ? credentials.get() : present;
                    },
                    preparation.then(after));
        }

        /** The URL for the PostgreSQL driver itself; null if there is none. */
        @Nullable
        String plain() {
            return WrappedUrls.plain(url, properties);
        }

        /** The same origin with another URL of the same database. */
        Url at(String other) {
            return new Url(other, properties, credentials, preparation);
        }

        /** The same origin with other credentials and no preparation, which may not be meant for the other user. */
        Url as(Supplier<Credentials> others) {
            return new Url(url, properties, others, Preparation.NONE);
        }

        ConnectionSource source() {
            return new DriverConnections(url, properties, credentials, preparation);
        }

        /** Leaves out everything that may be secret. */
        @Override
        public String toString() {
            return ConnectionResolver.shown(url);
        }
    }

    /**
     * Code of the application opens a new connection at each call.
     *
     * @param preparation what each session begins with
     */
    record Code(DataSource dataSource, Preparation preparation) implements DataSourceOrigin {

        @Override
        public DataSourceOrigin within(Supplier<Credentials> outer, Preparation after) {
            return new Code(dataSource, preparation.then(after));
        }

        ConnectionSource source() {
            return new ProvidedConnections(
                    dataSource,
                    preparation,
                    "the data source " + dataSource.getClass().getName());
        }

        /** Leaves out the data source's own toString, which may contain a URL with secrets. */
        @Override
        public String toString() {
            return dataSource.getClass().getName();
        }
    }
}
