package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredChildType;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.Lifecycle;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.annotation.InboundChannelAdapter;
import org.springframework.integration.channel.NullChannel;
import org.springframework.integration.endpoint.MessageProducerSupport;
import org.springframework.scheduling.annotation.Scheduled;

/** {@link Lifecycle} beans as children: the supervisor controls them completely, or the context is refused. */
class OwnedLifecycleTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Database database = TestPostgres.migratedDatabase();

    @Test
    void keepsTheContextFromStartingAContainerThatCanBeTold() {
        TestContexts.supervisor(database).withUserConfiguration(Quiet.class).run(first -> {
            await().atMost(PATIENCE).until(first.getBean(Feed.class)::isRunning);
            TestContexts.supervisor(database)
                    .withUserConfiguration(Quiet.class)
                    .run(second ->
                            assertThat(second.getBean(Feed.class).isRunning()).isFalse());
        });
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                StartedByAnother.class,
                StartedAsADependency.class,
                GivenASource.class,
                WithASchedule.class,
                WithAnInboundAdapter.class,
                TypeWithAnInboundAdapter.class,
                NoBeanAtAll.class
            })
    void refusesWhatRunsWithoutItsSupervisor(Class<?> configuration) {
        TestContexts.supervisor(database)
                .withUserConfiguration(configuration)
                .run(context -> assertThat(refusal(context)).hasMessageContaining("'child'"));
        assertThat(database.jdbc()
                        .sql("SELECT count(*) FROM mirrored_supervisor.peer WHERE state = 'ALIVE'")
                        .query(Integer.class)
                        .single())
                .isZero();
    }

    @Test
    void refusesWhatARunnerStartsWhereItIsNotOwned() {
        TestContexts.supervisor(database).withUserConfiguration(Quiet.class).run(first -> {
            await().atMost(PATIENCE).until(first.getBean(Feed.class)::isRunning);
            TestContexts.supervisor(database).withUserConfiguration(Quiet.class).run(second -> {
                second.getBean(Feed.class).start();
                ConfigurableApplicationContext context =
                        second.getSourceApplicationContext(ConfigurableApplicationContext.class);

                assertThatExceptionOfType(SupervisorStartException.class)
                        .isThrownBy(() -> context.publishEvent(new ApplicationReadyEvent(
                                new SpringApplication(), new String[0], context, Duration.ZERO)))
                        .withMessageContaining("'child'");
            });
        });
    }

    @Test
    void refusesWhatTheContextStartsLateWhereItIsNotOwned() {
        TestContexts.supervisor(database).withUserConfiguration(Quiet.class).run(first -> {
            await().atMost(PATIENCE).until(first.getBean(Feed.class)::isRunning);
            TestContexts.supervisor(database)
                    .withUserConfiguration(StartedLate.class)
                    .run(second -> assertThat(refusal(second)).hasMessageContaining("'child'"));
        });
    }

    @Test
    void takesAListenerThatDoesNotStartByItself() {
        TestContexts.supervisor(database)
                .withUserConfiguration(WithAQuietInboundAdapter.class)
                .run(context -> assertThat(context).hasNotFailed());
    }

    private static SupervisorStartException refusal(AssertableApplicationContext context) {
        Throwable failure = context.getStartupFailure();
        assertThat(failure).isNotNull();
        while (failure != null && !(failure instanceof SupervisorStartException)) {
            failure = failure.getCause();
        }
        assertThat(failure).isInstanceOf(SupervisorStartException.class);
        SupervisorStartException refusal = (SupervisorStartException) failure;
        assertThat(refusal.action()).isNotBlank();
        return refusal;
    }

    static class Feed implements SmartLifecycle {

        private boolean autoStartup = true;

        private volatile boolean running;

        public void setAutoStartup(boolean autoStartup) {
            this.autoStartup = autoStartup;
        }

        @Override
        public boolean isAutoStartup() {
            return autoStartup;
        }

        @Override
        public void start() {
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
    }

    /** Starts another one when the context starts it. */
    record Starter(Lifecycle other, int phase) implements SmartLifecycle {

        @Override
        public void start() {
            other.start();
        }

        @Override
        public void stop() {}

        @Override
        public boolean isRunning() {
            return false;
        }

        @Override
        public int getPhase() {
            return phase;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Quiet {
        @Bean
        @MirroredChild("child")
        Feed child() {
            return new Feed();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class StartedByAnother {
        @Bean
        @MirroredChild("child")
        Feed child() {
            return new Feed();
        }

        @Bean
        Starter starter(Feed child) {
            return new Starter(child, 0);
        }
    }

    /** A bean that is no SmartLifecycle is started by the context if one that it starts depends on it. */
    @Configuration(proxyBeanMethods = false)
    static class StartedAsADependency {
        @Bean
        @MirroredChild("child")
        Plain child() {
            return new Plain();
        }

        @Bean
        SmartLifecycle dependent(Plain child) {
            return new Feed();
        }
    }

    static class Plain implements Lifecycle {

        private volatile boolean running;

        @Override
        public void start() {
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
    }

    /**
     * Starts after the peer has joined. On the owner, this start cannot be told from the supervisor's; on another peer
     * it must be reported.
     */
    @Configuration(proxyBeanMethods = false)
    static class StartedLate {
        @Bean
        @MirroredChild("child")
        Feed child() {
            return new Feed();
        }

        @Bean
        Starter starter(Feed child) {
            return new Starter(child, Integer.MAX_VALUE);
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class GivenASource {
        @Bean
        MessageProducerSupport source() {
            MessageProducerSupport source = new MessageProducerSupport() {};
            source.setOutputChannel(new NullChannel());
            return source;
        }

        @Bean
        @MirroredChild("child")
        ChildProcess child(MessageProducerSupport source) {
            return context -> source.start();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class WithASchedule {
        @Bean
        @MirroredChild("child")
        Scheduling child() {
            return new Scheduling();
        }
    }

    static class Scheduling implements ChildProcess {
        @Override
        public void run(ChildContext context) {}

        @Scheduled(fixedDelay = 1000)
        void poll() {}
    }

    @Configuration(proxyBeanMethods = false)
    static class WithAnInboundAdapter {
        @Bean
        @MirroredChild("child")
        Adapting child() {
            return new Adapting();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class TypeWithAnInboundAdapter {
        @Bean
        @MirroredChildType("child")
        Adapting child() {
            return new Adapting();
        }
    }

    static class Adapting implements ChildProcess {
        @Override
        public void run(ChildContext context) {}

        @InboundChannelAdapter("input")
        public String poll() {
            return "message";
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class WithAQuietInboundAdapter {
        @Bean
        @MirroredChild("child")
        QuietlyAdapting child() {
            return new QuietlyAdapting();
        }
    }

    static class QuietlyAdapting implements ChildProcess {
        @Override
        public void run(ChildContext context) {}

        @InboundChannelAdapter(channel = "input", autoStartup = "false")
        public String poll() {
            return "message";
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class NoBeanAtAll {
        @Bean
        @MirroredChild("child")
        @Nullable
        ChildProcess child() {
            return null;
        }
    }
}
