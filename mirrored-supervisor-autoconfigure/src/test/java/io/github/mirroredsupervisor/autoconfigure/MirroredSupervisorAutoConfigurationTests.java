package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredChildType;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.StartResult;
import io.github.mirroredsupervisor.SupervisionDisabledException;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.autoconfigure.coordination.Coordinator;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.autoconfigure.schema.SupervisorSchemaMigrator;
import io.github.mirroredsupervisor.internal.peer.Peer;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@ExtendWith(OutputCaptureExtension.class)
class MirroredSupervisorAutoConfigurationTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Database database = TestPostgres.migratedDatabase();

    @Test
    void givesEachGroupABeanOfItsOwn() {
        TestContexts.supervisor(database)
                .withPropertyValues(
                        "spring.application.name=shop",
                        "mirrored-supervisor.groups.orders.intensity=3",
                        "mirrored-supervisor.groups.billing.period=1m")
                .withUserConfiguration(Injected.class)
                .run(context -> {
                    assertThat(context.getBeansOfType(MirroredSupervisor.class)).hasSize(3);
                    assertThat(context.getBean(MirroredSupervisor.class).group())
                            .isEqualTo("shop");
                    Injected injected = context.getBean(Injected.class);
                    assertThat(injected.primary.group()).isEqualTo("shop");
                    assertThat(injected.orders.group()).isEqualTo("orders");
                    assertThat(injected.orders.self()).isEqualTo(injected.primary.self());
                });
    }

    @Test
    void runsStaticAndDynamicChildren() {
        TestContexts.supervisor(database).withUserConfiguration(Children.class).run(context -> {
            Children children = context.getBean(Children.class);
            MirroredSupervisor supervisor = context.getBean(MirroredSupervisor.class);
            await().atMost(PATIENCE).until(() -> children.polls.get() > 0);

            StartResult started =
                    supervisor.startChild(ChildSpec.of("tenant-7", "relay").withArguments(Map.of("tenant", 7)));

            assertThat(started).isInstanceOf(StartResult.Started.class);
            await().atMost(PATIENCE).until(() -> children.tenants, tenants -> tenants.contains(7));
            assertThat(supervisor.whichChildren())
                    .extracting(child -> child.id())
                    .containsExactly("poller", "tenant-7");
        });
    }

    @Test
    void saysOnceThatACommandIsNoPartOfATransaction(CapturedOutput output) {
        TestContexts.supervisor(database).withUserConfiguration(Children.class).run(context -> {
            MirroredSupervisor supervisor = context.getBean(MirroredSupervisor.class);
            new TransactionTemplate(context.getBean(PlatformTransactionManager.class)).executeWithoutResult(status -> {
                supervisor.startChild(ChildSpec.of("tenant-1", "relay").withArguments(Map.of("tenant", 1)));
                supervisor.startChild(ChildSpec.of("tenant-2", "relay").withArguments(Map.of("tenant", 2)));
                status.setRollbackOnly();
            });

            assertThat(supervisor.whichChildren()).hasSize(3);
            assertThat(output).containsOnlyOnce("startChild() was called inside of a transaction");
        });
    }

    @Test
    void givesEachRunOfATypeAnInstanceAndDestroysItAfterwards() {
        TestContexts.supervisor(database).withUserConfiguration(Children.class).run(context -> {
            Children children = context.getBean(Children.class);
            MirroredSupervisor supervisor = context.getBean(MirroredSupervisor.class);
            ChildSpec spec = ChildSpec.of("once", "instance").withRestart(RestartType.TRANSIENT);

            supervisor.startChild(spec);
            await().atMost(PATIENCE).until(() -> children.destroyed.size() == 1);
            supervisor.restartChild("once");
            await().atMost(PATIENCE).until(() -> children.destroyed.size() == 2);

            assertThat(children.ran).hasSize(2).doesNotHaveDuplicates().containsExactlyElementsOf(children.destroyed);
        });
    }

    @Test
    void publishesEventsAndSurvivesAListenerThatFails() {
        TestContexts.supervisor(database)
                .withUserConfiguration(Children.class, Listeners.class)
                .run(context -> {
                    Listeners listeners = context.getBean(Listeners.class);
                    await().atMost(PATIENCE)
                            .untilAsserted(() -> assertThat(listeners.events)
                                    .hasAtLeastOneElementOfType(SupervisorEvent.PeerJoined.class)
                                    .hasAtLeastOneElementOfType(SupervisorEvent.ChildStarted.class));
                });
    }

    @Test
    void startsAndStopsALifecycleWithItsOwnership() {
        AtomicReference<Container> container = new AtomicReference<>();
        TestContexts.supervisor(database)
                .withUserConfiguration(OwnedContainer.class)
                .run(context -> {
                    container.set(context.getBean(Container.class));
                    MirroredSupervisor supervisor = context.getBean(MirroredSupervisor.class);
                    await().atMost(PATIENCE).until(container.get()::isRunning);

                    supervisor.terminateChild("container");
                    assertThat(container.get().isRunning()).isFalse();

                    supervisor.restartChild("container");
                    assertThat(container.get().isRunning()).isTrue();
                });
        assertThat(container.get().isRunning()).isFalse();
        assertThat(container.get().starts).hasValue(2);
    }

    @Test
    void restartsALifecycleThatStopsByItself() {
        TestContexts.supervisor(database)
                .withUserConfiguration(OwnedContainer.class)
                .run(context -> {
                    Container container = context.getBean(Container.class);
                    await().atMost(PATIENCE).until(container::isRunning);

                    container.stop();

                    await().atMost(PATIENCE).until(() -> container.starts.get() == 2 && container.isRunning());
                });
    }

    @Test
    void refusesALifecycleThatTheContextStarts() {
        TestContexts.supervisor(database)
                .withUserConfiguration(EagerContainer.class)
                .run(context -> failed(context, Problem.UNSUPPORTED_CHILD_BEAN, "'container'", "isAutoStartup()"));
    }

    @Test
    void joinsAnewWhenTheContextIsStartedAgain() {
        TestContexts.supervisor(database).withUserConfiguration(Children.class).run(context -> {
            MirroredSupervisor supervisor = context.getBean(MirroredSupervisor.class);
            Children children = context.getBean(Children.class);
            await().atMost(PATIENCE).until(() -> children.polls.get() > 0);
            var first = supervisor.self();

            context.getSourceApplicationContext(ConfigurableApplicationContext.class)
                    .stop();
            assertThat(context.getBean(Peer.class).status().running()).isFalse();
            await().atMost(PATIENCE).until(() -> !threads().contains("mirrored-supervisor-keep-alive"));
            int polls = children.polls.get();

            context.getSourceApplicationContext(ConfigurableApplicationContext.class)
                    .start();
            await().atMost(PATIENCE).until(() -> children.polls.get() > polls);
            assertThat(supervisor.self()).isNotEqualTo(first);
        });
    }

    @Test
    void keepsTheJvmAliveWhileThereIsSomethingToRun() {
        TestContexts.supervisor(database)
                .withUserConfiguration(Children.class)
                .run(context -> assertThat(threads()).contains("mirrored-supervisor-keep-alive"));
        await().atMost(PATIENCE).until(() -> !threads().contains("mirrored-supervisor-keep-alive"));
        TestContexts.supervisor(database)
                .run(context -> assertThat(threads()).doesNotContain("mirrored-supervisor-keep-alive"));
    }

    @Test
    void leavesBeforeThePoolCloses() {
        TestContexts.supervisor(database).withUserConfiguration(Children.class).run(context -> {
            assertThat(context).hasNotFailed();
        });

        assertThat(database.jdbc()
                        .sql("SELECT state FROM mirrored_supervisor.peer")
                        .query(String.class)
                        .list())
                .containsExactly("LEFT");
    }

    @Test
    void connectsWhereTheApplicationConnectsButNeverThroughItsPool() {
        TestContexts.supervisor(database).run(context -> {
            assertThat(context.getBean(ConnectionSettings.class).source().place())
                    .isEqualTo(database.jdbcUrl());
            assertThat(context.getBean(HikariDataSource.class).isRunning()).isFalse();
        });
    }

    @Test
    void watchesSessionsUnlessThatIsSwitchedOff() {
        TestContexts.supervisor(database)
                .run(context -> assertThat(context.getBean(PostgresStore.class).openWatch())
                        .isPresent());
        TestContexts.supervisor(database)
                .withPropertyValues("mirrored-supervisor.session-hints=off")
                .run(context -> assertThat(context.getBean(PostgresStore.class).openWatch())
                        .isEmpty());
    }

    @Test
    void worksWithADataSourceThatIsNoPool() {
        runnerWith(new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password()))
                .run(context -> assertThat(context.getBean(ConnectionSettings.class)
                                .source()
                                .place())
                        .isEqualTo(database.jdbcUrl()));
    }

    @Test
    void worksWithoutAnyDataSourceIfTheSettingsNameOne() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        SupervisorSchemaAutoConfiguration.class, MirroredSupervisorAutoConfiguration.class))
                .withPropertyValues(
                        "mirrored-supervisor.datasource.url=" + database.jdbcUrl(),
                        "mirrored-supervisor.datasource.username=" + database.username(),
                        "mirrored-supervisor.datasource.password=" + database.password())
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(DataSource.class));
    }

    @Test
    void addsNoDataSourceAndNoTransactionManager() {
        TestContexts.supervisor(database)
                .run(context -> assertThat(context)
                        .hasSingleBean(DataSource.class)
                        .hasSingleBean(PlatformTransactionManager.class));
    }

    @Test
    void refusesToStartWithoutADatabase() {
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        SupervisorSchemaAutoConfiguration.class, MirroredSupervisorAutoConfiguration.class))
                .withUserConfiguration(Children.class)
                .run(context -> failed(context, Problem.NO_DATABASE, "no data source", "PostgreSQL"));
    }

    @Test
    void refusesToChooseBetweenDataSources() {
        runnerWith(new DriverManagerDataSource(database.jdbcUrl()))
                .withBean("other", DataSource.class, () -> new DriverManagerDataSource(database.jdbcUrl()))
                .withUserConfiguration(Children.class)
                .run(context -> failed(context, Problem.NO_DATABASE, "several data sources", "primary"));
    }

    @Test
    void refusesAnotherDatabase() {
        runnerWith(new DriverManagerDataSource("jdbc:h2:mem:other"))
                .withUserConfiguration(Children.class)
                .run(context -> failed(context, Problem.UNSUITABLE_DATABASE, "PostgreSQL", "jdbc:h2:mem:other"));
    }

    @Test
    void refusesADataSourceThatDoesNotSayWhereItConnectsTo() {
        DriverManagerDataSource hidden =
                new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password());
        runnerWith(new AbstractDataSource() {
                    @Override
                    public Connection getConnection() throws SQLException {
                        return hidden.getConnection();
                    }

                    @Override
                    public Connection getConnection(String user, String password) throws SQLException {
                        return hidden.getConnection(user, password);
                    }
                })
                .withUserConfiguration(Children.class)
                .run(context -> failed(context, Problem.UNKNOWN_CONNECTION, "connections of its own", "does not tell"));
    }

    @Test
    void refusesContradictingSettings() {
        TestContexts.supervisor(database)
                .withPropertyValues("mirrored-supervisor.lease=3s", "mirrored-supervisor.renew-interval=2s")
                .run(context -> failed(
                        context, Problem.CONTRADICTING_SETTINGS, "mirrored-supervisor.renew-interval", "a third"));
    }

    @Test
    void a10b3RunsNothingWhenItIsDisabled() {
        TestContexts.supervisor(database)
                .withPropertyValues("mirrored-supervisor.enabled=false", "mirrored-supervisor.lease=1ms")
                .withUserConfiguration(OwnedContainer.class)
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(Peer.class)
                        .doesNotHaveBean(Coordinator.class)
                        .doesNotHaveBean(SupervisorSchemaMigrator.class)
                        .doesNotHaveBean(SupervisorProperties.class));
    }

    @Test
    void itsSupervisorsRefuseCallsWhenItIsDisabled() {
        TestContexts.supervisor(database)
                .withPropertyValues(
                        "mirrored-supervisor.enabled=false",
                        "spring.application.name=shop",
                        "mirrored-supervisor.groups.orders.intensity=3")
                .withUserConfiguration(Injected.class, Children.class)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    Injected injected = context.getBean(Injected.class);
                    assertThat(injected.primary.group()).isEqualTo("shop");
                    assertThat(injected.orders.group()).isEqualTo("orders");
                    assertThat(context.getBeansOfType(MirroredSupervisor.class))
                            .containsOnlyKeys("mirroredSupervisor", "mirroredSupervisor.orders");
                    assertThat(injected.orders).isEqualTo(injected.orders).isNotEqualTo(injected.primary);
                    for (Runnable call : List.<Runnable>of(
                            () -> injected.orders.startChild(ChildSpec.of("c", "relay")),
                            () -> injected.orders.removeChild("c"),
                            injected.orders::whichChildren,
                            injected.orders::peers,
                            injected.orders::self)) {
                        assertThatThrownBy(call::run)
                                .isInstanceOf(SupervisionDisabledException.class)
                                .hasMessageContainingAll("'orders'", "mirrored-supervisor.enabled=false");
                    }
                    assertThat(context.getBean(Children.class).polls).hasValue(0);
                });
    }

    @Test
    void worksWithLazyInitialization() {
        TestContexts.supervisor(database)
                .withInitializer(context ->
                        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
                .withUserConfiguration(Children.class)
                .run(context -> await().atMost(PATIENCE)
                        .until(() -> context.getBean(Children.class).polls.get() > 0));
    }

    @Test
    void worksWithoutWhatIsOptional() {
        for (String optional : List.of(
                "io.micrometer",
                "org.springframework.boot.actuate",
                "org.springframework.boot.health",
                "org.springframework.boot.micrometer",
                "org.springframework.integration")) {
            TestContexts.supervisor(database)
                    .withClassLoader(new FilteredClassLoader(optional))
                    .run(context ->
                            assertThat(context).as(optional).hasNotFailed().hasSingleBean(Peer.class));
        }
    }

    @Test
    void worksWithoutHikari() {
        runnerWith(new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password()))
                .withClassLoader(new FilteredClassLoader("com.zaxxer.hikari"))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(Peer.class));
    }

    private ApplicationContextRunner runnerWith(DataSource dataSource) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        SupervisorSchemaAutoConfiguration.class,
                        MirroredSupervisorAutoConfiguration.class))
                .withBean("dataSource", DataSource.class, () -> dataSource);
    }

    private static void failed(AssertableApplicationContext context, Problem problem, String... texts) {
        assertThat(context).hasFailed();
        assertThat(context.getStartupFailure())
                .extracting(MirroredSupervisorAutoConfigurationTests::rootCause)
                .isInstanceOfSatisfying(SupervisorStartException.class, ex -> {
                    assertThat(ex.problem()).isEqualTo(problem);
                    assertThat(ex).hasMessageContainingAll(texts);
                    assertThat(ex.action()).isNotBlank();
                });
    }

    private static Throwable rootCause(Throwable failure) {
        return failure.getCause() == null ? failure : rootCause(failure.getCause());
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }

    @Configuration(proxyBeanMethods = false)
    static class Injected {

        @Autowired
        MirroredSupervisor primary;

        @Autowired
        @Qualifier("orders")
        MirroredSupervisor orders;
    }

    @Configuration(proxyBeanMethods = false)
    static class Children {

        final AtomicInteger polls = new AtomicInteger();
        final List<Object> tenants = new CopyOnWriteArrayList<>();
        final List<Object> ran = Collections.synchronizedList(new ArrayList<>());
        final List<Object> destroyed = Collections.synchronizedList(new ArrayList<>());

        /** Uses its own supervisor, as children may. */
        @Bean
        @MirroredChild("poller")
        ChildProcess poller(MirroredSupervisor supervisor) {
            return context -> {
                assertThat(supervisor.group()).isEqualTo(context.group());
                while (!context.isStopping()) {
                    polls.incrementAndGet();
                    context.sleep(Duration.ofMillis(20));
                }
            };
        }

        @Bean
        @MirroredChildType("relay")
        ChildProcess relay() {
            return context -> {
                tenants.add(context.arguments(Tenant.class).tenant());
                context.sleep(Duration.ofHours(1));
            };
        }

        @Bean
        @MirroredChildType("instance")
        Instance instance() {
            return new Instance(this);
        }
    }

    record Tenant(int tenant) {}

    static class Instance implements ChildProcess, DisposableBean {

        private final Children children;

        Instance(Children children) {
            this.children = children;
        }

        @Override
        public void run(ChildContext context) {
            children.ran.add(this);
        }

        @Override
        public void destroy() {
            children.destroyed.add(this);
        }
    }

    static class Listeners {

        final List<SupervisorEvent> events = new CopyOnWriteArrayList<>();

        @EventListener
        void on(SupervisorEvent event) {
            events.add(event);
            throw new IllegalStateException("a listener that fails");
        }
    }

    static class OwnedContainer {
        @Bean
        @MirroredChild("container")
        Container container() {
            return new Container(false);
        }
    }

    static class EagerContainer {
        @Bean
        @MirroredChild("container")
        Container container() {
            return new Container(true);
        }
    }

    static class Container implements SmartLifecycle {

        final AtomicInteger starts = new AtomicInteger();
        private final boolean autoStartup;
        private volatile boolean running;

        Container(boolean autoStartup) {
            this.autoStartup = autoStartup;
        }

        @Override
        public void start() {
            starts.incrementAndGet();
            running = true;
        }

        @Override
        public void stop() {
            running = false;
        }

        @Override
        public boolean isRunning() {
            return running;
        }

        @Override
        public boolean isAutoStartup() {
            return autoStartup;
        }
    }
}
