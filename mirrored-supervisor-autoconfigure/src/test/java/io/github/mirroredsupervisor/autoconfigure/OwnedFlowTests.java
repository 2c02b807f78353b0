package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.Lifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.integration.channel.QueueChannel;
import org.springframework.integration.config.EnableIntegration;
import org.springframework.integration.dsl.IntegrationFlow;
import org.springframework.integration.dsl.IntegrationFlowAdapter;
import org.springframework.integration.dsl.IntegrationFlowDefinition;
import org.springframework.integration.dsl.Pollers;
import org.springframework.integration.endpoint.AbstractEndpoint;
import org.springframework.integration.endpoint.MessageProducerSupport;
import org.springframework.messaging.support.GenericMessage;

/** Spring Integration's flows and roles on two peers of one group. */
class OwnedFlowTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Database database = TestPostgres.migratedDatabase();

    @ParameterizedTest
    @ValueSource(classes = {PollingFlow.class, AdaptedFlow.class, FlowInParts.class, FlowOfAProducer.class})
    void runsAFlowWhereItIsOwnedOnly(Class<?> configuration) {
        peer(configuration).run(first -> {
            AtomicInteger here = polls(first);
            await().atMost(PATIENCE).until(() -> here.get() > 2);
            peer(configuration).run(second -> {
                AtomicInteger there = polls(second);
                assertThat(running(second)).isEmpty();
                int seen = here.get();
                await().atMost(PATIENCE).until(() -> here.get() > seen + 3);
                assertThat(there).hasValue(0);

                close(first);

                int last = here.get();
                await().atMost(PATIENCE).until(() -> there.get() > 3);
                assertThat(running(second)).isNotEmpty();
                assertThat(here).hasValue(last);
            });
        });
    }

    @Test
    void runsALambdasFlowWhereItIsOwnedOnly() {
        peer(LambdaFlow.class).run(first -> {
            await().atMost(PATIENCE).until(() -> !running(first).isEmpty());
            peer(LambdaFlow.class).run(second -> assertThat(running(second)).isEmpty());
        });
    }

    @Test
    void stopsEveryPartOfAFlowWithItsChild() {
        peer(FlowInParts.class).run(context -> {
            MirroredSupervisor supervisor = context.getBean(MirroredSupervisor.class);
            await().atMost(PATIENCE).until(() -> polls(context).get() > 0);
            assertThat(running(context)).hasSizeGreaterThan(2);

            supervisor.terminateChild("flow");
            assertThat(running(context)).isEmpty();

            supervisor.restartChild("flow");
            assertThat(running(context)).hasSizeGreaterThan(2);
        });
    }

    @Test
    void leavesNoPartRunningOfAFlowWhoseStartFails() {
        peer(FailingFlow.class).run(context -> {
            FailingProducer producer = context.getBean(FailingProducer.class);
            await().atMost(PATIENCE).until(() -> producer.starts.get() > 0);

            context.getBean(MirroredSupervisor.class).terminateChild("flow");

            assertThat(running(context)).isEmpty();
        });
    }

    @Test
    void anExplicitStartOfTheContextLeavesNothingRunningThatIsNotOwned() {
        peer(PollingFlow.class).run(first -> {
            await().atMost(PATIENCE).until(() -> polls(first).get() > 0);
            peer(PollingFlow.class).run(second -> {
                second.getSourceApplicationContext(ConfigurableApplicationContext.class)
                        .start();

                assertThat(running(second)).isEmpty();
                assertThat(second.getBean("flow", Lifecycle.class).isRunning()).isFalse();
            });
        });
    }

    @Test
    void startsAndStopsTheEndpointsInTheRoleOfAChild() {
        peer(InARole.class).run(first -> {
            await().atMost(PATIENCE).until(() -> polls(first).get() > 0);
            peer(InARole.class).run(second -> {
                assertThat(running(second)).isEmpty();
                MirroredSupervisor supervisor = second.getBean(MirroredSupervisor.class);

                supervisor.terminateChild("jobs");
                assertThat(running(first)).isEmpty();

                supervisor.restartChild("jobs");
                await().atMost(PATIENCE).until(() -> !running(first).isEmpty());
                supervisor.moveChild("jobs", supervisor.self());
                await().atMost(PATIENCE).until(() -> polls(second).get() > 0);
                assertThat(running(first)).isEmpty();
            });
        });
    }

    private ApplicationContextRunner peer(Class<?> configuration) {
        return TestContexts.supervisor(database).withUserConfiguration(Common.class, configuration);
    }

    private static AtomicInteger polls(AssertableApplicationContext context) {
        return context.getBean(Polls.class).count;
    }

    private static void close(AssertableApplicationContext context) {
        context.getSourceApplicationContext(ConfigurableApplicationContext.class)
                .close();
    }

    /** Which endpoints of the configurations below run. */
    private static List<String> running(AssertableApplicationContext context) {
        return context.getBeansOfType(AbstractEndpoint.class).entrySet().stream()
                .filter(endpoint -> endpoint.getValue().isRunning())
                .map(Map.Entry::getKey)
                .filter(name -> !name.startsWith("_org.springframework.integration"))
                .toList();
    }

    static final class Polls {
        final AtomicInteger count = new AtomicInteger();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableIntegration
    static class Common {
        @Bean
        Polls polls() {
            return new Polls();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class PollingFlow {
        @Bean
        @MirroredChild("flow")
        IntegrationFlow flow(Polls polls) {
            return IntegrationFlow.fromSupplier(polls.count::incrementAndGet, e -> e.poller(Pollers.fixedDelay(10)))
                    .nullChannel();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(AdaptedFlow.Adapter.class)
    static class AdaptedFlow {

        @MirroredChild("flow")
        static class Adapter extends IntegrationFlowAdapter {

            private final Polls polls;

            Adapter(Polls polls) {
                this.polls = polls;
            }

            @Override
            protected IntegrationFlowDefinition<?> buildFlow() {
                return fromSupplier(polls.count::incrementAndGet, e -> e.poller(Pollers.fixedDelay(10)))
                        .channel("nullChannel");
            }
        }
    }

    /** With two pollers, and a flow within a flow. */
    @Configuration(proxyBeanMethods = false)
    static class FlowInParts {
        @Bean
        @MirroredChild("flow")
        IntegrationFlow flow(Polls polls) {
            return IntegrationFlow.fromSupplier(() -> 1, e -> e.poller(Pollers.fixedDelay(10)))
                    .channel(new QueueChannel(10))
                    .bridge(e -> e.poller(Pollers.fixedDelay(10)))
                    .publishSubscribeChannel(c -> c.subscribe(sub -> sub.channel(new QueueChannel(10))
                            .handle(m -> polls.count.incrementAndGet(), e -> e.poller(Pollers.fixedDelay(10)))))
                    .nullChannel();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class FlowOfAProducer {

        @Bean
        Producer producer() {
            return new Producer();
        }

        @Bean
        @MirroredChild("flow")
        IntegrationFlow flow(Producer producer, Polls polls) {
            return IntegrationFlow.from(producer)
                    .handle(m -> polls.count.incrementAndGet())
                    .get();
        }
    }

    /** Sends from its own thread, as message-driven adapters do. */
    static final class Producer extends MessageProducerSupport {

        private volatile boolean sending;

        @Override
        protected void doStart() {
            sending = true;
            Thread thread = new Thread(this::send, "producer");
            thread.setDaemon(true);
            thread.start();
        }

        private void send() {
            while (sending) {
                sendMessage(new GenericMessage<>("message"));
                Thread.onSpinWait();
            }
        }

        @Override
        protected void doStop() {
            sending = false;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class LambdaFlow {
        @Bean
        @MirroredChild("flow")
        IntegrationFlow flow() {
            return flow -> flow.handle(message -> {});
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class FailingFlow {

        @Bean
        FailingProducer producer() {
            return new FailingProducer();
        }

        @Bean
        @MirroredChild("flow")
        IntegrationFlow flow(FailingProducer producer) {
            return IntegrationFlow.from(producer).handle(message -> {}).get();
        }
    }

    static final class FailingProducer extends MessageProducerSupport {

        final AtomicInteger starts = new AtomicInteger();

        @Override
        protected void doStart() {
            starts.incrementAndGet();
            throw new IllegalStateException("no connection");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class InARole {

        @Bean
        @MirroredChild("jobs")
        ChildProcess jobs() {
            return context -> context.sleep(Duration.ofHours(1));
        }

        @Bean
        IntegrationFlow flow(Polls polls) {
            return IntegrationFlow.fromSupplier(
                            polls.count::incrementAndGet,
                            e -> e.poller(Pollers.fixedDelay(10)).role("jobs").autoStartup(false))
                    .nullChannel();
        }
    }
}
