package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.autoconfigure.process.GroupNames;
import io.github.mirroredsupervisor.internal.lease.LeaseTimings;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnUndeclared;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;

class SupervisorSettingsTests {

    @Test
    void a9FillsInWhatIsLeftOut() {
        SupervisorSettings settings = resolve();

        assertThat(settings.primaryGroup()).isEqualTo("default");
        assertThat(settings.groups())
                .containsOnlyKeys("default")
                .containsValue(new GroupSettings(
                        "default", Strategy.ONE_FOR_ONE, 1, Duration.ofSeconds(5), Duration.ofSeconds(5)));
        assertThat(settings.rules()).isEqualTo(LeaseTimings.resolve(LeaseTimings.Profile.BALANCED, null, null, null));
        assertThat(settings.callTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.historyRetention()).isEqualTo(Duration.ofDays(7));
    }

    @Test
    void namesTheDefaultGroupAfterTheApplication() {
        assertThat(resolve("spring.application.name=shop").primaryGroup()).isEqualTo("shop");
        assertThat(resolve("spring.application.name=shop", "mirrored-supervisor.group=desk")
                        .primaryGroup())
                .isEqualTo("desk");
    }

    @Test
    void givesGroupsWhatTheyLeaveOutFromAbove() {
        SupervisorSettings settings = resolve(
                "mirrored-supervisor.strategy=rest-for-one",
                "mirrored-supervisor.intensity=7",
                "mirrored-supervisor.groups.orders.intensity=3",
                "mirrored-supervisor.groups.orders.restart-delay=0s");

        assertThat(settings.groups()).containsOnlyKeys("default", "orders");
        assertThat(settings.groups().get("orders"))
                .isEqualTo(new GroupSettings("orders", Strategy.REST_FOR_ONE, 3, Duration.ofSeconds(5), Duration.ZERO));
        assertThat(settings.groups().get("default").intensity()).isEqualTo(7);
    }

    @Test
    void aRestartDelayGrowsToALimitThatIsNoShorter() {
        SupervisorSettings settings = resolve(
                "mirrored-supervisor.restart-delay=10m",
                "mirrored-supervisor.groups.orders.restart-delay=1s",
                "mirrored-supervisor.groups.orders.restart-delay-max=20s",
                "mirrored-supervisor.groups.mail.restart-delay=2s");

        assertThat(settings.groups().get("default").restartDelayMax()).isEqualTo(Duration.ofMinutes(10));
        assertThat(settings.groups().get("orders").restartDelayMax()).isEqualTo(Duration.ofSeconds(20));
        assertThat(settings.groups().get("mail").restartDelayMax()).isEqualTo(Duration.ofMinutes(5));
        assertThatExceptionOfType(SupervisorStartException.class)
                .isThrownBy(() -> resolve(
                        "mirrored-supervisor.restart-delay-max=2s",
                        "mirrored-supervisor.groups.orders.restart-delay=1s",
                        "mirrored-supervisor.groups.mail.restart-delay=3s"))
                .withMessageContainingAll(
                        "mirrored-supervisor.restart-delay-max is 2s",
                        "shorter than restart-delay, which is 5s",
                        "mirrored-supervisor.groups.mail.restart-delay-max is 2s")
                .withMessageNotContaining("groups.orders");
    }

    @Test
    void keepsWhatLeftTheCodeUnlessTheGroupSaysOtherwise() {
        assertThat(resolve().groups().get("default").policies().onUndeclared()).isEqualTo(OnUndeclared.KEEP);

        SupervisorSettings settings = resolve(
                "mirrored-supervisor.on-undeclared=remove",
                "mirrored-supervisor.groups.orders.intensity=3",
                "mirrored-supervisor.groups.mail.on-undeclared=keep");

        assertThat(settings.groups().get("default").policies().onUndeclared()).isEqualTo(OnUndeclared.REMOVE);
        assertThat(settings.groups().get("orders").policies().onUndeclared()).isEqualTo(OnUndeclared.REMOVE);
        assertThat(settings.groups().get("mail").policies().onUndeclared()).isEqualTo(OnUndeclared.KEEP);
        assertThatExceptionOfType(BindException.class)
                .isThrownBy(() -> resolve("mirrored-supervisor.on-undeclared=drop"))
                .withMessageContaining("mirrored-supervisor.on-undeclared");
    }

    @Test
    void givesEachGroupItsNumberOfConcurrentStarts() {
        assertThat(resolve().groups().get("default").concurrentStarts()).isEqualTo(GroupSettings.CONCURRENT_STARTS);

        SupervisorSettings settings = resolve(
                "mirrored-supervisor.concurrent-starts=3",
                "mirrored-supervisor.groups.orders.intensity=3",
                "mirrored-supervisor.groups.mail.concurrent-starts=1");

        assertThat(settings.groups().get("orders").concurrentStarts()).isEqualTo(3);
        assertThat(settings.groups().get("mail").concurrentStarts()).isEqualTo(1);
    }

    @Test
    void configuresTheDefaultGroupUnderItsName() {
        SupervisorSettings settings =
                resolve("mirrored-supervisor.group=orders", "mirrored-supervisor.groups.orders.period=1m");

        assertThat(settings.groups()).containsOnlyKeys("orders");
        assertThat(settings.groups().get("orders").period()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void takesTheLeaseFromTheProfile() {
        assertThat(resolve("mirrored-supervisor.profile=tolerant").rules().lease())
                .isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void a9b4RefusesEveryContradictionAtOnce() {
        assertThatExceptionOfType(SupervisorStartException.class)
                .isThrownBy(() -> resolve(
                        "mirrored-supervisor.renew-interval=2s",
                        "mirrored-supervisor.call-timeout=0s",
                        "mirrored-supervisor.history.retention=-1d",
                        "mirrored-supervisor.restart-delay=-1s",
                        "mirrored-supervisor.poison.max-crashes=1",
                        "mirrored-supervisor.concurrent-starts=0",
                        "mirrored-supervisor.groups.orders.intensity=-1",
                        "mirrored-supervisor.groups.orders.period=0s"))
                .satisfies(ex -> {
                    assertThat(ex.problem()).isEqualTo(Problem.CONTRADICTING_SETTINGS);
                    assertThat(ex)
                            .hasMessageContainingAll(
                                    "mirrored-supervisor.renew-interval is 2s",
                                    "mirrored-supervisor.call-timeout is 0ms",
                                    "mirrored-supervisor.history.retention is",
                                    "mirrored-supervisor.restart-delay is -1s",
                                    "mirrored-supervisor.poison.max-crashes is 1",
                                    "mirrored-supervisor.concurrent-starts is 0",
                                    "mirrored-supervisor.groups.orders.intensity is -1",
                                    "mirrored-supervisor.groups.orders.period is 0ms");
                    assertThat(ex.action()).contains("mirrored-supervisor.renew-interval: at most 1s");
                });
    }

    @Test
    void namesASettingThatGroupsInheritOnlyOnce() {
        assertThatExceptionOfType(SupervisorStartException.class)
                .isThrownBy(() -> resolve(
                        "mirrored-supervisor.intensity=-2",
                        "mirrored-supervisor.groups.a.period=1s",
                        "mirrored-supervisor.groups.b.period=1s"))
                .satisfies(ex -> assertThat(ex.getMessage()).containsOnlyOnce("intensity"));
    }

    @Test
    void a50b2RefusesAStrategyThatDoesNotExist() {
        assertThatExceptionOfType(BindException.class)
                .isThrownBy(() -> resolve("mirrored-supervisor.strategy=simple-one-for-one"))
                .withMessageContaining("mirrored-supervisor.strategy");
    }

    private static SupervisorSettings resolve(String... pairs) {
        MockEnvironment environment = new MockEnvironment();
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            environment.setProperty(pair.substring(0, equals), pair.substring(equals + 1));
        }
        SupervisorProperties properties =
                Binder.get(environment).bindOrCreate("mirrored-supervisor", SupervisorProperties.class);
        return SupervisorSettings.resolve(properties, GroupNames.of(environment));
    }
}
