package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.testing.Database;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;

/** Contexts for tests. */
final class TestContexts {

    private TestContexts() {}

    /** The auto-configurations of spring-boot-starter-jdbc, on this database. */
    static ApplicationContextRunner jdbc(Database database) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        DataSourceTransactionManagerAutoConfiguration.class,
                        JdbcTemplateAutoConfiguration.class,
                        JdbcClientAutoConfiguration.class,
                        TransactionAutoConfiguration.class))
                .withPropertyValues(dataSource(database));
    }

    /** The same with the supervisor's schema. */
    static ApplicationContextRunner schema(Database database) {
        return jdbc(database).withConfiguration(AutoConfigurations.of(SupervisorSchemaAutoConfiguration.class));
    }

    /** The same with the whole supervisor. */
    static ApplicationContextRunner supervisor(Database database) {
        return schema(database)
                .withConfiguration(AutoConfigurations.of(
                        DisabledSupervisorAutoConfiguration.class,
                        MirroredSupervisorAutoConfiguration.class,
                        SupervisorCoordinatorAutoConfiguration.class,
                        SupervisorFencingAutoConfiguration.class));
    }

    static String[] dataSource(Database database) {
        return new String[] {
            "spring.datasource.url=" + database.jdbcUrl(),
            "spring.datasource.username=" + database.username(),
            "spring.datasource.password=" + database.password(),
            "spring.datasource.hikari.maximum-pool-size=4"
        };
    }
}
