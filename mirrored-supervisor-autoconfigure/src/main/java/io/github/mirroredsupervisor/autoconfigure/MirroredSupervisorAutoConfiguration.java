package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.autoconfigure.children.ChildBeans;
import io.github.mirroredsupervisor.autoconfigure.children.ChildDiscovery;
import io.github.mirroredsupervisor.autoconfigure.children.ChildRegistry;
import io.github.mirroredsupervisor.autoconfigure.children.LifecycleGuard;
import io.github.mirroredsupervisor.autoconfigure.children.OwnedLifecycles;
import io.github.mirroredsupervisor.autoconfigure.database.SupervisorDatabase;
import io.github.mirroredsupervisor.autoconfigure.process.ApplicationOrigin;
import io.github.mirroredsupervisor.autoconfigure.process.GroupNames;
import io.github.mirroredsupervisor.autoconfigure.process.JacksonArgumentMapper;
import io.github.mirroredsupervisor.autoconfigure.process.LocalHost;
import io.github.mirroredsupervisor.autoconfigure.process.MirroredSupervisorLifecycle;
import io.github.mirroredsupervisor.autoconfigure.process.PeerMonitors;
import io.github.mirroredsupervisor.autoconfigure.process.SupervisorBeanRegistrar;
import io.github.mirroredsupervisor.autoconfigure.process.SupervisorBeans;
import io.github.mirroredsupervisor.autoconfigure.schema.SupervisorSchemaMigrator;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.lease.PeerSettings;
import io.github.mirroredsupervisor.internal.peer.Peer;
import io.github.mirroredsupervisor.internal.platform.PeerMonitor;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.postgres.sessions.SessionHints;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.supervision.run.Fence;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.boot.thread.Threading;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.env.Environment;
import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;
import org.springframework.util.StringUtils;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of this application's peer and of one supervisor for each of its
 * groups.
 */
@AutoConfiguration(
        after = {DataSourceAutoConfiguration.class, SupervisorSchemaAutoConfiguration.class},
        afterName = "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration")
@ConditionalOnBooleanProperty(name = "mirrored-supervisor.enabled", matchIfMissing = true)
@EnableConfigurationProperties(SupervisorProperties.class)
@Import({SupervisorDatabaseConfiguration.class, SupervisorBeanRegistrar.class})
@ImportRuntimeHints(DisabledSupervisorAutoConfiguration.ProxyHints.class)
public final class MirroredSupervisorAutoConfiguration {

    private static final String CHILD_THREADS = "mirrored-child-";

    @Bean
    SupervisorSettings mirroredSupervisorSettings(SupervisorProperties properties, Environment environment) {
        return SupervisorSettings.resolve(properties, GroupNames.of(environment));
    }

    @Bean
    ChildRegistry mirroredSupervisorChildren(ConfigurableListableBeanFactory beans, Environment environment) {
        GroupNames groups = GroupNames.of(environment);
        return new ChildRegistry(new ChildDiscovery(beans, groups).discover(), groups.all());
    }

    @Bean
    OwnedLifecycles mirroredSupervisorOwnedLifecycles() {
        return new OwnedLifecycles();
    }

    @Bean
    LifecycleGuard mirroredSupervisorLifecycleGuard(
            ConfigurableListableBeanFactory beans,
            ApplicationContext context,
            ChildRegistry children,
            OwnedLifecycles owned) {
        return new LifecycleGuard(beans, context, children, owned);
    }

    @Bean
    @Nullable
    ConnectionSettings mirroredSupervisorConnection(
            SupervisorDatabase database, SupervisorSettings settings, PeerSettings peer) {
        if (!database.isThere()) {
            return null;
        }
        return new ConnectionSettings(
                database.source(),
                peer.label(),
                settings.rules().lease(),
                settings.rules().renewInterval());
    }

    @Bean
    @Nullable
    PostgresStore mirroredSupervisorStore(
            ObjectProvider<ConnectionSettings> connection, SupervisorProperties properties) {
        ConnectionSettings settings = connection.getIfAvailable();
        return settings == null ? null : new PostgresStore(settings, properties.sessionHints());
    }

    /**
     * Null where there is no database and nothing to supervise. A supervisor bean that is injected anyway then fails
     * with the reason.
     */
    @Bean(SupervisorBeans.PEER)
    @DependsOnDatabaseInitialization
    @Nullable
    Peer mirroredSupervisorPeer(
            SupervisorDatabase database,
            PeerSettings peer,
            SupervisorSettings settings,
            ChildRegistry children,
            ObjectProvider<Store> store,
            ObjectProvider<JsonMapper> mapper,
            ObjectProvider<PeerMonitor> monitors,
            ApplicationEventPublisher events,
            ObjectProvider<Fence> fence,
            ObjectProvider<SupervisorSchemaMigrator> schema,
            OwnedLifecycles owned,
            ConfigurableApplicationContext context) {
        if (!database.isThere() && children.isEmpty()) {
            return null;
        }
        database.requireThere();
        ChildBeans childBeans = new ChildBeans(context.getBeanFactory(), context::isClosed, owned, events);
        List<GroupDefinition> groups = settings.groups().values().stream()
                .map(group -> children.group(group, childBeans::factory))
                .map(group -> withOrigin(group, context))
                .toList();
        return new Peer(
                peer,
                groups,
                store.getObject(),
                new JacksonArgumentMapper(
                        mapper.getIfUnique(() -> JsonMapper.builder().build())),
                new PeerMonitors(events, monitors.orderedStream().toList()),
                childThreads(context.getEnvironment(), context.getClassLoader()),
                Clock.systemUTC(),
                fence.getIfAvailable(() -> Fence.unavailable(
                        "SupervisorFencingAutoConfiguration is switched off, and there is no other Fence.")),
                () -> schema.ifAvailable(SupervisorSchemaMigrator::ensure));
    }

    @Bean
    PeerSettings mirroredSupervisorPeerSettings(
            SupervisorProperties properties, SupervisorSettings settings, Environment environment) {
        String host = LocalHost.name(environment);
        long pid = ProcessHandle.current().pid();
        return new PeerSettings(
                StringUtils.hasText(properties.label()) ? properties.label() : host + ":" + pid,
                host,
                pid,
                settings.rules().lease(),
                settings.rules().renewInterval(),
                settings.rules().stopBound(),
                settings.callTimeout(),
                properties.onStuckChild(),
                properties.poison().maxCrashes(),
                properties.startup());
    }

    @Bean
    SupervisorBeans mirroredSupervisors(SupervisorDatabase database, ObjectProvider<Peer> peer) {
        return new SupervisorBeans(database, peer);
    }

    /** Logs that there is no database, once it is certain that no bean needs it. */
    @Bean
    SmartInitializingSingleton mirroredSupervisorAbsence(SupervisorDatabase database) {
        return database::reportAbsence;
    }

    @Bean
    @Nullable
    MirroredSupervisorLifecycle mirroredSupervisorLifecycle(
            ObjectProvider<Peer> peers,
            SupervisorSettings settings,
            SupervisorProperties properties,
            ChildRegistry children,
            Environment environment,
            LifecycleGuard guard) {
        Peer peer = peers.getIfAvailable();
        if (peer == null) {
            return null;
        }
        String worstCases = settings.rules().worstCases(properties.sessionHints() == SessionHints.AUTO);
        return new MirroredSupervisorLifecycle(
                peer,
                worstCases,
                !children.isEmpty(),
                GroupNames.of(environment).isNamed(),
                guard::check);
    }

    /** Applications without a name share one default group. The origin tells them apart there. */
    private static GroupDefinition withOrigin(GroupDefinition group, ConfigurableApplicationContext context) {
        boolean isShared = !GroupNames.of(context.getEnvironment()).isNamed()
                && GroupNames.LAST_RESORT.equals(group.settings().name());
        return isShared && !group.staticChildren().isEmpty()
                ? new GroupDefinition(
                        group.settings(),
                        group.types(),
                        group.staticChildren(),
                        ApplicationOrigin.of(context.getBeanFactory()))
                : group;
    }

    private static ThreadFactory childThreads(Environment environment, @Nullable ClassLoader classLoader) {
        ThreadFactory threads = Threading.VIRTUAL.isActive(environment)
                ? new VirtualThreadTaskExecutor(CHILD_THREADS).getVirtualThreadFactory()
                : platformThreads();
        return run -> {
            Thread thread = threads.newThread(run);
            thread.setContextClassLoader(classLoader);
            return thread;
        };
    }

    private static ThreadFactory platformThreads() {
        CustomizableThreadFactory threads = new CustomizableThreadFactory(CHILD_THREADS);
        threads.setDaemon(true);
        return threads;
    }
}
