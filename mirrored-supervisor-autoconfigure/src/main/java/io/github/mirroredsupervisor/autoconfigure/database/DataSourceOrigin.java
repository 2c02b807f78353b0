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

/** Where a data source of the application has its connections from. */
sealed interface DataSourceOrigin {

    /** The same, as whoever else and after whatever else a pool around it says. */
    DataSourceOrigin within(Supplier<Credentials> credentials, Preparation preparation);

    /**
     * A driver opens them.
     *
     * @param url as the application writes it, which may be that of a wrapper around the driver
     * @param properties of the driver
     * @param credentials those that are valid at the time
     * @param preparation what each session begins with
     */
    record Url(String url, Map<String, String> properties, Supplier<Credentials> credentials, Preparation preparation)
            implements DataSourceOrigin {

        /** Without what the pool around it adds. */
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

        /** The same by another URL to the same database. */
        Url at(String other) {
            return new Url(other, properties, credentials, preparation);
        }

        /** As somebody else: what this one's sessions begin with may be none of their business. */
        Url as(Supplier<Credentials> others) {
            return new Url(url, properties, others, Preparation.NONE);
        }

        ConnectionSource source() {
            return new DriverConnections(url, properties, credentials, preparation);
        }

        /** Without anything that may be a secret. */
        @Override
        public String toString() {
            return ConnectionResolver.shown(url);
        }
    }

    /**
     * Code of the application opens a new one at each call.
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

        /** Without what the data source says of itself, which may be a URL with everything in it. */
        @Override
        public String toString() {
            return dataSource.getClass().getName();
        }
    }
}
