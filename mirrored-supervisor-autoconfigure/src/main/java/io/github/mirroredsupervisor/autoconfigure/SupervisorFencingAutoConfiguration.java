package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.MirroredSupervisorDataSource;
import io.github.mirroredsupervisor.autoconfigure.fencing.FencedCommit;
import io.github.mirroredsupervisor.autoconfigure.fencing.FencedTransactionalPostProcessor;
import io.github.mirroredsupervisor.autoconfigure.fencing.FencingTarget;
import io.github.mirroredsupervisor.autoconfigure.fencing.TransactionFence;
import io.github.mirroredsupervisor.internal.lease.PeerSettings;
import io.github.mirroredsupervisor.internal.postgres.children.ChildFence;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.internal.supervision.run.Fence;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.util.StringUtils;

/** {@link EnableAutoConfiguration Auto-configuration} of fenced transactions. */
@AutoConfiguration
@ConditionalOnClass({DataSource.class, JdbcClient.class, PlatformTransactionManager.class})
public final class SupervisorFencingAutoConfiguration {

    @Bean
    static FencedTransactionalPostProcessor mirroredSupervisorFencedTransactionals(Environment environment) {
        return new FencedTransactionalPostProcessor(
                environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true));
    }

    @Bean
    @ConditionalOnBooleanProperty(name = "mirrored-supervisor.enabled", matchIfMissing = true)
    static BeanPostProcessor mirroredSupervisorFencedCommits() {
        return FencedCommit.ofAllManagers();
    }

    @Bean
    @ConditionalOnBooleanProperty(name = "mirrored-supervisor.enabled", matchIfMissing = true)
    @Nullable
    Fence mirroredSupervisorFence(
            ListableBeanFactory beans,
            SupervisorProperties properties,
            PeerSettings peer,
            ObjectProvider<ConnectionSettings> connections,
            @MirroredSupervisorDataSource ObjectProvider<DataSource> marked) {
        ConnectionSettings connection = connections.getIfAvailable();
        if (connection == null) {
            return null;
        }
        String wanted = properties.fencing().transactionManager();
        // The server ends a session of a dead process at about the time when other peers may adopt its child.
        Duration idleLimit = peer.lease().minus(peer.stopBound());
        return new TransactionFence(new FencingTarget.Source(
                beans,
                StringUtils.hasText(wanted) ? wanted : null,
                StringUtils.hasText(properties.datasource().url()) ? null : marked.getIfUnique(),
                dataSource -> new ChildFence(dataSource, connection, idleLimit)));
    }
}
