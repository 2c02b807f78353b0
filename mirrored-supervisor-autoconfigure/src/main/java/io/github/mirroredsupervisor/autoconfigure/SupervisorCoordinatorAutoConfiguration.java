package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.autoconfigure.coordination.Coordinator;
import io.github.mirroredsupervisor.autoconfigure.coordination.CoordinatorTiming;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.integration.jdbc.lock.JdbcLockRegistry;
import org.springframework.integration.support.leader.LockRegistryLeaderInitiator;

/** {@link EnableAutoConfiguration Auto-configuration} of the coordinator. */
@AutoConfiguration(after = MirroredSupervisorAutoConfiguration.class)
@ConditionalOnClass({JdbcLockRegistry.class, LockRegistryLeaderInitiator.class})
@ConditionalOnBean(PostgresStore.class)
public final class SupervisorCoordinatorAutoConfiguration {

    @Bean
    @DependsOnDatabaseInitialization
    @Nullable
    Coordinator mirroredSupervisorCoordinator(
            ObjectProvider<ConnectionSettings> connections,
            ObjectProvider<PostgresStore> stores,
            SupervisorSettings settings) {
        ConnectionSettings connection = connections.getIfAvailable();
        return connection == null
                ? null
                : new Coordinator(
                        connection, stores.getObject(), settings.historyRetention(), CoordinatorTiming.AT_REST);
    }
}
