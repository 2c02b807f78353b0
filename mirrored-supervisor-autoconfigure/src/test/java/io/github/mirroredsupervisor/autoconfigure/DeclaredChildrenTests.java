package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredChildType;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.autoconfigure.children.ChildBeans;
import io.github.mirroredsupervisor.autoconfigure.children.ChildDiscovery;
import io.github.mirroredsupervisor.autoconfigure.children.ChildRegistry;
import io.github.mirroredsupervisor.autoconfigure.children.OwnedLifecycles;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.autoconfigure.process.GroupNames;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Scope;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.MapPropertySource;

/**
 * Children that are declared by annotations with placeholders and by specs, and declarations that are refused because
 * they cannot be carried out.
 */
class DeclaredChildrenTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final GroupNames GROUPS =
            new GroupNames("shop", new LinkedHashSet<>(List.of("shop", "orders")), true);

    private static final Map<String, Object> PROPERTIES = Map.of(
            "feed.name", "price-feed",
            "feed.group", "orders",
            "feed.delay", "1500ms",
            "feed.order", "7",
            "feed.type", "relay");

    @Test
    void resolvesPlaceholdersAndExpressionsInEveryText() {
        GroupDefinition orders = discover("orders", WithPlaceholders.class);

        assertThat(orders.types()).containsOnlyKeys("price-feed", "relay-2");
        assertThat(orders.staticChildren())
                .containsExactly(ChildSpec.of("price-feed", "price-feed")
                        .withRestartDelay(Duration.ofMillis(1500))
                        .withShutdown(new Shutdown.Timeout(Duration.ofSeconds(6)))
                        .withProgressTimeout(Duration.ofSeconds(9)));
    }

    @Test
    void ordersByATextToo() {
        assertThat(discover("shop", Ordered.class).staticChildren())
                .extracting(ChildSpec::id)
                .containsExactly("first", "second");
    }

    @Test
    void refusesWhatCannotBeResolved() {
        refused(Problem.INVALID_CHILD, "${no.such}", UnknownPlaceholder.class);
        refused(Problem.INVALID_CHILD, "#{noSuchBean.id}", UnknownExpression.class);
        refused(Problem.INVALID_CHILD, "\"soon\" is not a whole number", NoNumber.class);
    }

    @Test
    void takesSpecsThatAreBeansOrCollectionsInTheirOrder() {
        GroupDefinition shop = discover("shop", Specs.class);

        assertThat(shop.staticChildren())
                .extracting(ChildSpec::id)
                .containsExactly("before", "tenant-9", "tenant-7", "tenant-8");
        assertThat(shop.staticChildren().get(2).arguments()).containsEntry("tenant", 7);
        assertThat(shop.types()).containsOnlyKeys("relay");
        assertThat(discover("orders", Specs.class).staticChildren())
                .extracting(ChildSpec::id)
                .containsExactly("in-orders");
    }

    @Test
    void refusesSpecsThatCannotBeHonoured() {
        refused(Problem.DUPLICATE_CHILD, "'one' by a ChildSpec and to bean 'two' by a ChildSpec", SameIdTwice.class);
        refused(Problem.DUPLICATE_CHILD, "'annotated' by @MirroredChild", SameIdAsAnAnnotated.class);
        refused(Problem.INVALID_CHILD, "The group's types are: relay", UnknownType.class);
        refused(Problem.INVALID_CHILD, "is a child itself", ChildAsAType.class);
        refused(Problem.INVALID_CHILD, "'invalid'", InvalidSpec.class);
        refused(Problem.INVALID_CHILD, "'nothing'", NoSpec.class);
        refused(Problem.UNKNOWN_GROUP, "shop, orders", SpecOfAnUnknownGroup.class);
    }

    @Test
    void refusesBeansThatCannotBeChildren() {
        refused(Problem.UNSUPPORTED_CHILD_BEAN, "'request'", OfARequest.class);
        refused(Problem.UNSUPPORTED_CHILD_BEAN, "Base", Inheriting.class);
    }

    @Test
    void refusesAChildInAParentThatNobodySees() {
        try (AnnotationConfigApplicationContext parent = new AnnotationConfigApplicationContext(Plain.class);
                AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
            child.setParent(parent);
            child.refresh();

            assertThatExceptionOfType(SupervisorStartException.class)
                    .isThrownBy(() -> new ChildDiscovery(child.getBeanFactory(), GROUPS).discover())
                    .withMessageContainingAll("'plain'", "parent");
        }
    }

    @Test
    void refusesAChildInAChildContext() {
        Database database = TestPostgres.migratedDatabase();
        TestContexts.supervisor(database).run(parent -> {
            try (AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
                child.setParent(parent.getSourceApplicationContext(ConfigurableApplicationContext.class));
                child.register(Plain.class);

                assertThatExceptionOfType(SupervisorStartException.class)
                        .isThrownBy(child::refresh)
                        .withMessageContainingAll("'plain'", "child of the context");
            }
        });
    }

    @Test
    void runsDeclaredSpecsWithTheirArguments() {
        Database database = TestPostgres.migratedDatabase();
        TestContexts.supervisor(database).withUserConfiguration(Tenants.class).run(context -> {
            Tenants tenants = context.getBean(Tenants.class);
            await().atMost(PATIENCE).until(() -> tenants.seen.size() == 2);
            assertThat(tenants.seen).containsExactlyInAnyOrder(7, 8);
            assertThat(context.getBean(MirroredSupervisor.class).whichChildren())
                    .extracting(ChildInfo::id)
                    .containsExactly("tenant-7", "tenant-8");
        });
    }

    private static void refused(Problem problem, String text, Class<?> configuration) {
        assertThatExceptionOfType(SupervisorStartException.class)
                .isThrownBy(() -> discover("shop", configuration))
                .satisfies(ex -> {
                    assertThat(ex.problem()).isEqualTo(problem);
                    assertThat(ex.action()).isNotBlank();
                })
                .withMessageContaining(text);
    }

    private static GroupDefinition discover(String group, Class<?>... configurations) {
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
            context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", PROPERTIES));
            context.registerBean("seconds", Integer.class, () -> 6);
            context.getBeanFactory().registerScope("request", new SimpleThreadScope());
            context.register(configurations);
            context.refresh();
            ChildRegistry registry =
                    new ChildRegistry(new ChildDiscovery(context.getBeanFactory(), GROUPS).discover(), GROUPS.all());
            return registry.group(
                    new GroupSettings(
                            group,
                            Strategy.ONE_FOR_ONE,
                            1,
                            Duration.ofSeconds(5),
                            Duration.ofSeconds(5),
                            GroupPolicies.DEFAULT),
                    new ChildBeans(context.getBeanFactory(), () -> false, new OwnedLifecycles(), context)::factory);
        }
    }

    static class WithPlaceholders {
        @Bean
        @MirroredChild(
                value = "${feed.name}",
                group = "${feed.group}",
                restartDelay = "${feed.delay}",
                shutdown = "#{@seconds}s",
                progressTimeout = "#{T(java.time.Duration).ofSeconds(9)}")
        Runnable feed() {
            return () -> {};
        }

        @Bean
        @MirroredChildType(value = "${feed.type}-#{1 + 1}", group = "${feed.group:shop}")
        Runnable relay() {
            return () -> {};
        }
    }

    static class Ordered {
        @Bean
        @MirroredChild(value = "second", orderString = "${feed.order}")
        Runnable one() {
            return () -> {};
        }

        @Bean
        @MirroredChild(value = "first", order = 9, orderString = "${no.such.order:-3}")
        Runnable two() {
            return () -> {};
        }
    }

    static class UnknownPlaceholder {
        @Bean
        @MirroredChild("${no.such}")
        Runnable child() {
            return () -> {};
        }
    }

    static class UnknownExpression {
        @Bean
        @MirroredChild("#{noSuchBean.id}")
        Runnable child() {
            return () -> {};
        }
    }

    static class NoNumber {
        @Bean
        @MirroredChild(value = "child", orderString = "soon")
        Runnable child() {
            return () -> {};
        }
    }

    static class Relays {
        @Bean
        @MirroredChildType("relay")
        ChildProcess relay() {
            return context -> {};
        }
    }

    @Import(Relays.class)
    static class Specs {
        @Bean
        List<ChildSpec> several() {
            return List.of(
                    ChildSpec.of("tenant-7", "relay").withArguments(Map.of("tenant", 7)),
                    ChildSpec.of("tenant-8", "relay"));
        }

        @Bean
        ChildSpec another() {
            return ChildSpec.of("tenant-9", "relay");
        }

        @Bean
        @Order(-1)
        ChildSpec before() {
            return ChildSpec.of("before", "relay");
        }

        @Bean
        @Qualifier("orders")
        ChildSpec inOrders() {
            return ChildSpec.of("in-orders", "relay");
        }
    }

    @Import(Relays.class)
    static class SameIdTwice {
        @Bean
        ChildSpec one() {
            return ChildSpec.of("same", "relay");
        }

        @Bean
        ChildSpec two() {
            return ChildSpec.of("same", "relay");
        }
    }

    @Import(Relays.class)
    static class SameIdAsAnAnnotated {
        @Bean
        @MirroredChild("same")
        Runnable annotated() {
            return () -> {};
        }

        @Bean
        ChildSpec spec() {
            return ChildSpec.of("same", "relay");
        }
    }

    @Import(Relays.class)
    static class UnknownType {
        @Bean
        ChildSpec spec() {
            return ChildSpec.of("child", "rely");
        }
    }

    static class ChildAsAType {
        @Bean
        @MirroredChild("feed")
        Runnable annotated() {
            return () -> {};
        }

        @Bean
        ChildSpec spec() {
            return ChildSpec.of("child", "feed");
        }
    }

    @Import(Relays.class)
    static class InvalidSpec {
        @Bean
        ChildSpec invalid() {
            return ChildSpec.of(" ", "relay");
        }
    }

    @Import(Relays.class)
    static class NoSpec {
        @Bean
        List<@Nullable ChildSpec> nothing() {
            return Arrays.asList(ChildSpec.of("child", "relay"), null);
        }
    }

    @Import(Relays.class)
    static class SpecOfAnUnknownGroup {
        @Bean
        @Qualifier("order")
        ChildSpec spec() {
            return ChildSpec.of("child", "relay");
        }
    }

    static class OfARequest {
        @Bean
        @Scope("request")
        @MirroredChild("child")
        Runnable child() {
            return () -> {};
        }
    }

    @MirroredChild("child")
    abstract static class Base implements ChildProcess {
        @Override
        public void run(ChildContext context) {}
    }

    static class Inheriting extends Base {}

    static class Plain {
        @Bean
        @MirroredChild("child")
        Runnable plain() {
            return () -> {};
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Tenants {

        final Queue<Object> seen = new ConcurrentLinkedQueue<>();

        @Bean
        @MirroredChildType("relay")
        ChildProcess relay() {
            return context -> {
                seen.add(context.arguments(Tenant.class).tenant());
                context.sleep(Duration.ofHours(1));
            };
        }

        @Bean
        List<ChildSpec> tenants() {
            return List.of(
                    ChildSpec.of("tenant-7", "relay").withArguments(Map.of("tenant", 7)),
                    ChildSpec.of("tenant-8", "relay").withArguments(Map.of("tenant", 8)));
        }
    }

    record Tenant(int tenant) {}
}
