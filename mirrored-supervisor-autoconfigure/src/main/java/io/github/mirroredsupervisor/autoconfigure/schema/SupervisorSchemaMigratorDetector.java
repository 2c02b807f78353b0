package io.github.mirroredsupervisor.autoconfigure.schema;

import java.util.Set;
import org.springframework.boot.sql.init.dependency.AbstractBeansOfTypeDatabaseInitializerDetector;
import org.springframework.core.Ordered;

/** Orders the migration after the application's own and before everything that uses the database. */
final class SupervisorSchemaMigratorDetector extends AbstractBeansOfTypeDatabaseInitializerDetector {

    /** After Boot's script initialisers, which are at the lowest precedence less 100. */
    private static final int ORDER = Ordered.LOWEST_PRECEDENCE - 50;

    @Override
    protected Set<Class<?>> getDatabaseInitializerBeanTypes() {
        return Set.of(SupervisorSchemaMigrator.class);
    }

    @Override
    public int getOrder() {
        return ORDER;
    }
}
