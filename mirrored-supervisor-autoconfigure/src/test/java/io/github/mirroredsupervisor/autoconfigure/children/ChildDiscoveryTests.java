package io.github.mirroredsupervisor.autoconfigure.children;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildKind;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredChildType;
import io.github.mirroredsupervisor.OutagePolicy;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.Takeover;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.autoconfigure.process.GroupNames;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.integration.leader.DefaultCandidate;

class ChildDiscoveryTests {

    private static final GroupNames GROUPS =
            new GroupNames("shop", new LinkedHashSet<>(List.of("shop", "orders")), true);

    @Test
    void findsChildrenOnClassesAndBeanMethods() {
        GroupDefinition shop = discover("shop", OnClass.class, OnMethods.class);

        assertThat(shop.staticChildren())
                .extracting(ChildSpec::id)
                .containsExactly("first", "candidate", "lifecycle", "on-class", "runnable");
        assertThat(shop.staticChildren())
                .allSatisfy(spec -> assertThat(spec.type()).isEqualTo(spec.id()));
        assertThat(shop.types()).containsKeys("first", "on-class", "relay");
    }

    @Test
    void givesTypesToEveryGroupAndChildrenToTheirs() {
        GroupDefinition orders = discover("orders", OnClass.class, OnMethods.class);

        assertThat(orders.types()).containsOnlyKeys("relay", "orders-only", "in-orders");
        assertThat(orders.staticChildren()).extracting(ChildSpec::id).containsExactly("in-orders");
        assertThat(discover("shop", OnMethods.class).types()).doesNotContainKeys("orders-only", "in-orders");
    }

    private static final GroupPolicies SHUTTING_DOWN = new GroupPolicies(
            GroupPolicies.AutoShutdown.ANY_SIGNIFICANT,
            GroupPolicies.DEFAULT.onIntensityExceeded(),
            GroupPolicies.DEFAULT.onEmptyGroup(),
            GroupPolicies.DEFAULT.onStartFailure(),
            null);

    @Test
    void readsTheWholeSpec() {
        assertThat(discover(SHUTTING_DOWN, "shop", Everything.class).staticChildren())
                .containsExactly(ChildSpec.of("everything", "everything")
                        .withKind(ChildKind.SUPERVISOR)
                        .withRestart(RestartType.TRANSIENT)
                        .withRestartDelay(Duration.ofMillis(1500))
                        .withShutdown(new Shutdown.Timeout(Duration.ofSeconds(7)))
                        .withSignificant(true)
                        .withTakeover(Takeover.IMMEDIATE)
                        .withOnOutage(OutagePolicy.CONTINUE));
        assertThat(discover("shop", Shutdowns.class).staticChildren())
                .extracting(ChildSpec::shutdown)
                .containsExactly(
                        new Shutdown.Brutal(),
                        new Shutdown.Infinity(),
                        new Shutdown.Infinity(),
                        Shutdown.WORKER_DEFAULT);
    }

    @Test
    void findsLazyBeansAndProductsOfFactoriesWithoutCreatingThem() {
        assertThat(discover("shop", Lazies.class).types()).containsKeys("lazy", "product");
        assertThat(Lazies.created).hasValue(0);
    }

    @Test
    void findsAScopedProxyOnce() {
        assertThat(discover("shop", Scoped.class).staticChildren())
                .extracting(ChildSpec::id)
                .containsExactly("scoped");
    }

    @Test
    void a10RefusesABeanThatCannotBeRun() {
        refused(Problem.UNSUPPORTED_CHILD_BEAN, "'text'", "java.lang.String", UnknownKind.class);
    }

    @Test
    void refusesATypeThatIsNoPrototype() {
        refused(Problem.UNSUPPORTED_CHILD_BEAN, "'shared'", "not a prototype", SharedType.class);
    }

    @Test
    void b8RefusesTwoBeansForOneName() {
        refused(Problem.DUPLICATE_CHILD, "'one'", "'two'", TwiceTheSameId.class);
        refused(Problem.DUPLICATE_CHILD, "'child'", "'type'", ChildNamedAsAType.class);
    }

    @Test
    void acceptsOneNameInTwoGroups() {
        assertThat(discover("shop", OnceInEachGroup.class).staticChildren()).hasSize(1);
        assertThat(discover("orders", OnceInEachGroup.class).staticChildren()).hasSize(1);
    }

    @Test
    void refusesAnUnknownGroupAndListsTheKnown() {
        refused(Problem.UNKNOWN_GROUP, "'order'", "shop, orders", UnknownGroup.class);
        refused(Problem.UNKNOWN_GROUP, "'order'", "shop, orders", UnknownGroupOfType.class);
    }

    @Test
    void refusesWhatIsNoDurationAndNoValidSpec() {
        refused(Problem.INVALID_CHILD, "'child'", "\"soon\"", NoDuration.class);
        refused(Problem.INVALID_CHILD, "'child'", "significant", Contradicting.class);
        refused(Problem.INVALID_CHILD, "'type'", "no name", NamelessType.class);
        refused(Problem.INVALID_CHILD, "'child'", "never shuts down", SignificantInVain.class);
    }

    private static void refused(Problem problem, String first, String second, Class<?> configuration) {
        assertThatExceptionOfType(SupervisorStartException.class)
                .isThrownBy(() -> discover("shop", configuration))
                .satisfies(ex -> {
                    assertThat(ex.problem()).isEqualTo(problem);
                    assertThat(ex.action()).isNotBlank();
                })
                .withMessageContainingAll(first, second);
    }

    private static GroupDefinition discover(String group, Class<?>... configurations) {
        return discover(GroupPolicies.DEFAULT, group, configurations);
    }

    private static GroupDefinition discover(GroupPolicies policies, String group, Class<?>... configurations) {
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(configurations)) {
            ChildRegistry registry =
                    new ChildRegistry(new ChildDiscovery(context.getBeanFactory(), GROUPS).discover(), GROUPS.all());
            return registry.group(
                    new GroupSettings(
                            group, Strategy.ONE_FOR_ONE, 1, Duration.ofSeconds(5), Duration.ofSeconds(5), policies),
                    new ChildBeans(context.getBeanFactory(), () -> false, new OwnedLifecycles(), context)::factory);
        }
    }

    @MirroredChild(value = "child", restart = RestartType.TRANSIENT, significant = true)
    static class SignificantInVain implements ChildProcess {
        @Override
        public void run(ChildContext context) {}
    }

    @MirroredChild("on-class")
    static class OnClass implements ChildProcess {
        @Override
        public void run(ChildContext context) {}
    }

    @Configuration(proxyBeanMethods = false)
    static class OnMethods {

        @Bean
        @MirroredChild("runnable")
        Runnable runnable() {
            return () -> {};
        }

        @Bean
        @MirroredChild("lifecycle")
        Stoppable lifecycle() {
            return new Stoppable();
        }

        @Bean
        @MirroredChild("candidate")
        DefaultCandidate candidate() {
            return new DefaultCandidate();
        }

        @Bean
        @MirroredChild(value = "first", order = -1)
        static ChildProcess first() {
            return context -> {};
        }

        @Bean
        @MirroredChild(value = "in-orders", group = "orders")
        Runnable inOrders() {
            return () -> {};
        }

        @Bean
        @MirroredChildType("relay")
        ChildProcess relay() {
            return context -> {};
        }

        @Bean
        @MirroredChildType(value = "orders-only", group = "orders")
        ChildProcess ordersOnly() {
            return context -> {};
        }
    }

    static class Everything {
        @Bean
        @MirroredChild(
                value = "everything",
                restart = RestartType.TRANSIENT,
                restartDelay = "1500ms",
                shutdown = "PT7S",
                kind = ChildKind.SUPERVISOR,
                significant = true,
                takeover = Takeover.IMMEDIATE,
                onOutage = OutagePolicy.CONTINUE)
        Runnable everything() {
            return () -> {};
        }
    }

    static class Shutdowns {
        @Bean
        @MirroredChild(value = "a", shutdown = "brutal")
        Runnable brutal() {
            return () -> {};
        }

        @Bean
        @MirroredChild(value = "b", shutdown = "infinity")
        Runnable infinity() {
            return () -> {};
        }

        @Bean
        @MirroredChild(value = "c", kind = ChildKind.SUPERVISOR)
        Runnable supervisor() {
            return () -> {};
        }

        @Bean
        @MirroredChild("d")
        Runnable worker() {
            return () -> {};
        }
    }

    static class Lazies {
        private static final AtomicInteger created = new AtomicInteger();

        @Bean
        @Lazy
        @MirroredChild("lazy")
        static ChildProcess lazy() {
            created.incrementAndGet();
            return context -> {};
        }

        @Bean
        @Lazy
        @MirroredChild("product")
        static RunnableFactory product() {
            return new RunnableFactory();
        }
    }

    static class RunnableFactory implements FactoryBean<Runnable> {
        @Override
        public Runnable getObject() {
            return () -> {};
        }

        @Override
        public Class<?> getObjectType() {
            return Runnable.class;
        }
    }

    static class Scoped {
        @Bean
        @MirroredChild("scoped")
        @Scope(scopeName = ConfigurableBeanFactory.SCOPE_PROTOTYPE, proxyMode = ScopedProxyMode.INTERFACES)
        ChildProcess scoped() {
            return context -> {};
        }
    }

    static class UnknownKind {
        @Bean
        @MirroredChild("text")
        String text() {
            return "text";
        }
    }

    static class SharedType {
        @Bean
        @MirroredChildType("shared")
        @Scope(ConfigurableBeanFactory.SCOPE_SINGLETON)
        Runnable shared() {
            return () -> {};
        }
    }

    static class TwiceTheSameId {
        @Bean
        @MirroredChild("same")
        Runnable one() {
            return () -> {};
        }

        @Bean
        @MirroredChild("same")
        Runnable two() {
            return () -> {};
        }
    }

    static class ChildNamedAsAType {
        @Bean
        @MirroredChild("same")
        Runnable child() {
            return () -> {};
        }

        @Bean
        @MirroredChildType("same")
        Runnable type() {
            return () -> {};
        }
    }

    static class OnceInEachGroup {
        @Bean
        @MirroredChild("same")
        Runnable inShop() {
            return () -> {};
        }

        @Bean
        @MirroredChild(value = "same", group = "orders")
        Runnable inOrders() {
            return () -> {};
        }
    }

    static class UnknownGroup {
        @Bean
        @MirroredChild(value = "child", group = "order")
        Runnable child() {
            return () -> {};
        }
    }

    static class UnknownGroupOfType {
        @Bean
        @MirroredChildType(value = "type", group = "order")
        Runnable type() {
            return () -> {};
        }
    }

    static class NoDuration {
        @Bean
        @MirroredChild(value = "child", restartDelay = "soon")
        Runnable child() {
            return () -> {};
        }
    }

    static class Contradicting {
        @Bean
        @MirroredChild(value = "child", significant = true)
        Runnable child() {
            return () -> {};
        }
    }

    static class NamelessType {
        @Bean
        @MirroredChildType(" ")
        Runnable type() {
            return () -> {};
        }
    }

    static class Stoppable implements SmartLifecycle {
        @Override
        public void start() {}

        @Override
        public void stop() {}

        @Override
        public boolean isRunning() {
            return false;
        }

        @Override
        public boolean isAutoStartup() {
            return false;
        }
    }
}
