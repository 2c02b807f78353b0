package io.github.mirroredsupervisor.autoconfigure.database;

import com.mchange.v2.c3p0.AbstractComboPooledDataSource;
import com.mchange.v2.c3p0.C3P0Registry;
import com.mchange.v2.c3p0.ConnectionCustomizer;
import com.mchange.v2.c3p0.PooledDataSource;
import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.PropertyElf;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSource.Preparation;
import io.github.mirroredsupervisor.internal.postgres.source.Credentials;
import io.github.mirroredsupervisor.internal.postgres.source.Secrets;
import java.lang.reflect.Method;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.apache.commons.dbcp2.BasicDataSourceMXBean;
import org.apache.tomcat.jdbc.pool.PoolConfiguration;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.common.BaseDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.BeanUtils;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.jdbc.datasource.AbstractDriverBasedDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.jdbc.datasource.lookup.JndiDataSourceLookup;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringUtils;

/**
 * Finds the origin of data sources, through proxies and wrappers, and never takes a connection. A data source that
 * throws counts as one with an unknown origin.
 */
final class DataSourceOrigins {

    private static final Logger log = LoggerFactory.getLogger(DataSourceOrigins.class);

    /** Most wrappers that are followed; more than any application has. */
    private static final int DEEPEST = 16;

    private static final List<Reader> READERS = List.of(
            new Reader("com.zaxxer.hikari.HikariDataSource", (dataSource, depth) -> Hikari.read(dataSource, depth)),
            new Reader("org.apache.tomcat.jdbc.pool.DataSource", (dataSource, depth) -> Tomcat.read(dataSource, depth)),
            new Reader("org.apache.commons.dbcp2.BasicDataSource", (dataSource, depth) -> Dbcp2.read(dataSource)),
            new Reader("com.mchange.v2.c3p0.ComboPooledDataSource", (dataSource, depth) -> C3p0.read(dataSource)),
            new Reader("org.postgresql.ds.common.BaseDataSource", (dataSource, depth) -> Driver.read(dataSource)),
            new Reader(
                    "org.springframework.jdbc.datasource.AbstractDriverBasedDataSource",
                    (dataSource, depth) -> Spring.read(dataSource)));

    private DataSourceOrigins() {}

    /**
     * The origin of a data source; null if unknown.
     *
     * @throws SupervisorStartException if it has several and no default
     */
    static @Nullable DataSourceOrigin of(DataSource dataSource) {
        return of(dataSource, 0);
    }

    private static @Nullable DataSourceOrigin of(DataSource dataSource, int depth) {
        if (depth > DEEPEST) {
            return null;
        }
        // Unwrapping a routing data source would lead to the target of this thread's current key.
        DataSource inner = asked(() -> delegate(dataSource));
        if (inner != null && inner != dataSource) {
            return of(inner, depth + 1);
        }
        if (dataSource instanceof AbstractRoutingDataSource routing) {
            return ofDefault(routing, depth);
        }
        for (Reader reader : READERS) {
            DataSourceOrigin origin =
                    reader.isUsable() ? asked(() -> reader.read().of(dataSource, depth)) : null;
            if (origin != null) {
                return origin;
            }
        }
        DataSource wrapped = asked(() -> wrapped(dataSource));
        if (wrapped != null && wrapped != dataSource) {
            return of(wrapped, depth + 1);
        }
        return asked(() -> byItsProperties(dataSource));
    }

    private static @Nullable DataSource delegate(DataSource dataSource) {
        if (dataSource instanceof DelegatingDataSource delegating) {
            return delegating.getTargetDataSource();
        }
        return AopProxyUtils.getSingletonTarget(dataSource) instanceof DataSource target ? target : null;
    }

    private static @Nullable DataSourceOrigin ofDefault(AbstractRoutingDataSource routing, int depth) {
        DataSource standard = asked(routing::getResolvedDefaultDataSource);
        if (standard != null) {
            return of(standard, depth + 1);
        }
        Map<Object, DataSource> targets = asked(routing::getResolvedDataSources);
        if (targets != null && targets.size() == 1) {
            return of(targets.values().iterator().next(), depth + 1);
        }
        throw new SupervisorStartException(
                Problem.UNKNOWN_CONNECTION,
                "The data source (" + routing.getClass().getName()
                        + ") chooses one of several databases for each use, without a default one, so the mirrored supervisor does not know which"
                        + " to use.",
                ConnectionResolver.SET_DATASOURCE_OR_MARK_ONE);
    }

    /** Unwraps by JDBC; many wrappers implement only half of that, so also by the usual names of getters. */
    private static @Nullable DataSource wrapped(DataSource dataSource) throws SQLException {
        if (dataSource.isWrapperFor(DataSource.class)) {
            DataSource unwrapped = dataSource.unwrap(DataSource.class);
            if (unwrapped != dataSource) {
                return unwrapped;
            }
        }
        for (String name : List.of("getDataSource", "getTargetDataSource", "getRealDataSource", "getDelegate")) {
            Method getter = ReflectionUtils.findMethod(dataSource.getClass(), name);
            if (getter != null && DataSource.class.isAssignableFrom(getter.getReturnType())) {
                ReflectionUtils.makeAccessible(getter);
                return (DataSource) ReflectionUtils.invokeMethod(getter, dataSource);
            }
        }
        return null;
    }

    /**
     * Reads the properties as Spring Boot does: by the getters of several pools, and otherwise by getters with the
     * usual names.
     */
    private static @Nullable DataSourceOrigin byItsProperties(DataSource dataSource) {
        String url = derived(dataSource).getUrl();
        return url == null
                ? null
                : new DataSourceOrigin.Url(
                        url,
                        Map.of(),
                        () -> {
                            SimpleDriverDataSource present = derived(dataSource);
                            return new Credentials(present.getUsername(), present.getPassword());
                        },
                        initSql(dataSource));
    }

    /** Spring Boot reads this property of no pool, but its getter has one of a few usual names. */
    private static Preparation initSql(DataSource dataSource) {
        for (String name : List.of("getInitSQL", "getInitSql", "getConnectionInitSql")) {
            Method getter = ReflectionUtils.findMethod(dataSource.getClass(), name);
            if (getter != null && getter.getReturnType() == String.class) {
                ReflectionUtils.makeAccessible(getter);
                return statements(Collections.singletonList((String) ReflectionUtils.invokeMethod(getter, dataSource)));
            }
        }
        return Preparation.NONE;
    }

    private static SimpleDriverDataSource derived(DataSource dataSource) {
        return DataSourceBuilder.derivedFrom(dataSource)
                .type(SimpleDriverDataSource.class)
                .driverClassName("org.postgresql.Driver")
                .build();
    }

    /** The answer; null if there is none. A data source may throw anything, for example outside of a tenant. */
    private static <T> @Nullable T asked(Question<T> question) {
        try {
            return question.ask();
        } catch (SupervisorStartException ex) {
            throw ex;
        } catch (Exception ex) {
            log.debug(
                    "A data source does not tell where it connects to",
                    Secrets.ofAnyUrl().hide(ex));
            return null;
        } catch (LinkageError ex) {
            log.debug("A data source does not tell where it connects to", ex);
            return null;
        }
    }

    private static <T> @Nullable T unwrap(DataSource dataSource, Class<T> type) throws SQLException {
        if (type.isInstance(dataSource)) {
            return type.cast(dataSource);
        }
        return dataSource.isWrapperFor(type) ? dataSource.unwrap(type) : null;
    }

    private static Map<String, String> strings(@Nullable Properties properties) {
        Map<String, String> strings = new LinkedHashMap<>();
        if (properties != null) {
            properties.stringPropertyNames().forEach(name -> strings.put(name, properties.getProperty(name)));
        }
        return strings;
    }

    private static Preparation statements(Collection<@Nullable String> sql) {
        return Preparation.of(
                sql.stream().filter(StringUtils::hasText).map(String::valueOf).toList());
    }

    /** Whether the application overrides how connections are opened, for example to get a token for each. */
    private static boolean isOfTheApplication(DataSource dataSource, Class<?> library) {
        return !ClassUtils.getUserClass(dataSource).getPackageName().startsWith(ClassUtils.getPackageName(library));
    }

    @FunctionalInterface
    private interface Question<T> {
        @Nullable
        T ask() throws Exception;
    }

    @FunctionalInterface
    private interface Reading {
        @Nullable
        DataSourceOrigin of(DataSource dataSource, int depth) throws Exception;
    }

    /**
     * Reads data sources of one kind.
     *
     * @param required the class that such data sources need on the class path
     */
    private record Reader(String required, Reading read) {

        boolean isUsable() {
            return ClassUtils.isPresent(required, DataSourceOrigins.class.getClassLoader());
        }
    }

    // Each kind has its own class, because its library may not be on the class path.

    private static final class Hikari {

        /** Set if an application overrides the getters of user and password, which versions before 6 called. */
        private static final String LEGACY_OVERRIDE = "com.zaxxer.hikari.legacy.supportUserPassDataSourceOverride";

        /** Reads the settings in the same order as the pool itself. */
        private static @Nullable DataSourceOrigin read(DataSource dataSource, int depth) {
            HikariDataSource pool =
                    DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class);
            if (pool == null) {
                return null;
            }
            Preparation preparation = statements(Collections.singletonList(pool.getConnectionInitSql()));
            DataSource inner = inner(pool);
            if (inner != null) {
                DataSourceOrigin origin = DataSourceOrigins.of(inner, depth + 1);
                return origin == null ? null : origin.within(() -> credentials(pool), preparation);
            }
            return pool.getJdbcUrl() == null
                    ? null
                    : new DataSourceOrigin.Url(
                            pool.getJdbcUrl(),
                            strings(pool.getDataSourceProperties()),
                            () -> credentials(pool),
                            preparation);
        }

        private static @Nullable DataSource inner(HikariDataSource pool) {
            if (pool.getDataSource() != null) {
                return pool.getDataSource();
            }
            if (pool.getDataSourceClassName() != null) {
                Class<?> type = ClassUtils.resolveClassName(
                        pool.getDataSourceClassName(), pool.getClass().getClassLoader());
                Object made = BeanUtils.instantiateClass(type);
                PropertyElf.setTargetFromProperties(made, pool.getDataSourceProperties());
                return (DataSource) made;
            }
            if (pool.getJdbcUrl() == null && pool.getDataSourceJNDI() != null) {
                return new JndiDataSourceLookup().getDataSource(pool.getDataSourceJNDI());
            }
            return null;
        }

        private static Credentials credentials(HikariDataSource pool) {
            if (pool.getCredentialsProvider() != null) {
                return of(pool.getCredentialsProvider().getCredentials());
            }
            return Boolean.getBoolean(LEGACY_OVERRIDE)
                    ? new Credentials(pool.getUsername(), pool.getPassword())
                    : of(pool.getCredentials());
        }

        private static Credentials of(com.zaxxer.hikari.util.Credentials present) {
            return new Credentials(present.getUsername(), present.getPassword());
        }
    }

    private static final class Tomcat {

        private static @Nullable DataSourceOrigin read(DataSource dataSource, int depth) {
            org.apache.tomcat.jdbc.pool.DataSource found = DataSourceUnwrapper.unwrap(
                    dataSource, PoolConfiguration.class, org.apache.tomcat.jdbc.pool.DataSource.class);
            if (found == null) {
                return null;
            }
            // The pool itself hides its password; its properties do not.
            PoolConfiguration pool = found.getPoolProperties();
            Preparation preparation = statements(Collections.singletonList(pool.getInitSQL()));
            if (pool.getDataSource() instanceof DataSource inner) {
                DataSourceOrigin origin = DataSourceOrigins.of(inner, depth + 1);
                return origin == null ? null : origin.within(() -> credentials(pool), preparation);
            }
            return pool.getUrl() == null
                    ? null
                    : new DataSourceOrigin.Url(
                            pool.getUrl(), strings(pool.getDbProperties()), () -> credentials(pool), preparation);
        }

        private static Credentials credentials(PoolConfiguration pool) {
            return new Credentials(pool.getUsername(), pool.getPassword());
        }
    }

    private static final class Dbcp2 {

        private static @Nullable DataSourceOrigin read(DataSource dataSource) {
            BasicDataSource pool =
                    DataSourceUnwrapper.unwrap(dataSource, BasicDataSourceMXBean.class, BasicDataSource.class);
            if (pool == null || pool.getUrl() == null) {
                return null;
            }
            return new DataSourceOrigin.Url(
                    pool.getUrl(),
                    properties(pool),
                    () -> credentials(pool),
                    statements(List.copyOf(pool.getConnectionInitSqls())));
        }

        /** The getter is not public. */
        private static Map<String, String> properties(BasicDataSource pool) {
            Method getter = ReflectionUtils.findMethod(BasicDataSource.class, "getConnectionProperties");
            if (getter == null) {
                return Map.of();
            }
            ReflectionUtils.makeAccessible(getter);
            return strings((Properties) ReflectionUtils.invokeMethod(getter, pool));
        }

        @SuppressWarnings("deprecation") // deprecated because it returns a secret
        private static Credentials credentials(BasicDataSource pool) {
            return new Credentials(pool.getUsername(), pool.getPassword());
        }
    }

    private static final class C3p0 {

        private static @Nullable DataSourceOrigin read(DataSource dataSource) {
            AbstractComboPooledDataSource pool =
                    DataSourceUnwrapper.unwrap(dataSource, PooledDataSource.class, AbstractComboPooledDataSource.class);
            return pool == null || pool.getJdbcUrl() == null
                    ? null
                    : new DataSourceOrigin.Url(
                            pool.getJdbcUrl(),
                            strings(pool.getProperties()),
                            () -> new Credentials(pool.getUser(), pool.getPassword()),
                            preparation(pool));
        }

        private static Preparation preparation(AbstractComboPooledDataSource pool) {
            String name = pool.getConnectionCustomizerClassName();
            if (!StringUtils.hasText(name)) {
                return Preparation.NONE;
            }
            return connection -> {
                try {
                    ConnectionCustomizer customizer = C3P0Registry.getConnectionCustomizer(name);
                    customizer.onAcquire(connection, pool.getIdentityToken());
                } catch (SQLException | RuntimeException ex) {
                    throw ex;
                } catch (Exception ex) {
                    throw new SQLException("The connection customizer " + name + " failed", ex);
                }
            };
        }
    }

    private static final class Driver {

        private static @Nullable DataSourceOrigin read(DataSource dataSource) throws SQLException {
            BaseDataSource origin = unwrap(dataSource, BaseDataSource.class);
            if (origin == null) {
                return null;
            }
            if (origin instanceof DataSource direct && isOfTheApplication(direct, org.postgresql.Driver.class)) {
                return new DataSourceOrigin.Code(direct, Preparation.NONE);
            }
            String url = origin.getUrl(); // null for a mock
            return url == null
                    ? null
                    : new DataSourceOrigin.Url(
                            url, Map.of(), () -> new Credentials(origin.getUser(), origin.getPassword()));
        }
    }

    private static final class Spring {

        private static @Nullable DataSourceOrigin read(DataSource dataSource) throws SQLException {
            AbstractDriverBasedDataSource origin = unwrap(dataSource, AbstractDriverBasedDataSource.class);
            if (origin == null) {
                return null;
            }
            boolean one = origin instanceof SingleConnectionDataSource;
            if (!one && isOfTheApplication(origin, AbstractDriverBasedDataSource.class)) {
                return new DataSourceOrigin.Code(origin, Preparation.NONE);
            }
            String url = origin.getUrl();
            Supplier<Credentials> credentials = () -> new Credentials(origin.getUsername(), origin.getPassword());
            return url == null
                    ? null
                    : new DataSourceOrigin.Url(url, strings(origin.getConnectionProperties()), credentials);
        }
    }
}
