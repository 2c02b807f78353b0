package io.github.mirroredsupervisor.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.internal.lease.OnStuckChild;
import io.github.mirroredsupervisor.internal.lease.PeerSettings;
import io.github.mirroredsupervisor.internal.lease.Startup;
import io.github.mirroredsupervisor.internal.peer.Peer;
import io.github.mirroredsupervisor.internal.peer.PeerStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class SupervisorHealthTests {

    private final Peer peer = mock(Peer.class);

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(SupervisorHealthAutoConfiguration.class))
            .withBean(Peer.class, () -> peer);

    @ParameterizedTest
    @CsvSource({
        // running, joined, permitted, terminated
        "true,  true,  true,  false, UP",
        "false, true,  true,  false, OUT_OF_SERVICE",
        "true,  false, true,  false, OUT_OF_SERVICE",
        "true,  true,  false, false, OUT_OF_SERVICE",
        "true,  true,  true,  true,  UP"
    })
    void tellsWhetherThePeerCanDoItsPart(
            boolean running, boolean joined, boolean permitted, boolean terminated, String status) {
        when(peer.status())
                .thenReturn(new PeerStatus(
                        new PeerRef(PeerId.random(), "label", "host", 1),
                        running,
                        joined,
                        permitted,
                        Duration.ofMillis(1700),
                        Map.of("shop", new PeerStatus.GroupStatus(terminated, Map.of()))));

        runner.run(context -> {
            Health health = context.getBean(SupervisorHealthIndicator.class).health();

            assertThat(health.getStatus().getCode()).isEqualTo(status);
            assertThat(health.getDetails())
                    .containsEntry("label", "label")
                    .containsEntry("groups", Map.of("shop", terminated ? "terminated" : "active"))
                    .doesNotContainKeys("stuck", "quarantined");
        });
    }

    @Test
    void showsTerminatedGroupsAndChildrenInTroubleWithoutCountingThem() {
        inTrouble();

        runner.run(context -> {
            Health health = context.getBean(SupervisorHealthIndicator.class).health();
            assertThat(health.getStatus()).isEqualTo(Status.UP);
            assertThat(health.getDetails())
                    .containsEntry("concerns", List.of("terminated", "stuck", "quarantined"))
                    .containsEntry("groups", Map.of("shop", "terminated"))
                    .containsEntry("stuck", Map.of("shop", Set.of("deaf")))
                    .containsEntry("quarantined", Map.of("shop", Set.of("poison")));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"terminated", "stuck", "quarantined"})
    void countsWhatItIsToldTo(String concern) {
        inTrouble();

        runner.withPropertyValues("mirrored-supervisor.health.out-of-service=not-joined," + concern)
                .run(context -> assertThat(context.getBean(SupervisorHealthIndicator.class)
                                .health()
                                .getStatus())
                        .isEqualTo(Status.OUT_OF_SERVICE));
    }

    private void inTrouble() {
        when(peer.status())
                .thenReturn(new PeerStatus(
                        new PeerRef(PeerId.random(), "label", "host", 1),
                        true,
                        true,
                        true,
                        Duration.ofMillis(1700),
                        Map.of("shop", new PeerStatus.GroupStatus(true, Map.of(), Set.of("deaf"), Set.of("poison")))));
    }

    @Test
    void countsNothingOfAPeerWhoseStartIsLenient() {
        when(peer.status())
                .thenReturn(new PeerStatus(
                        new PeerRef(PeerId.random(), "label", "host", 1), true, false, false, Duration.ZERO, Map.of()));
        Duration second = Duration.ofSeconds(1);
        PeerSettings lenient = new PeerSettings(
                "label", "host", 1, second, second, second, second, OnStuckChild.REPORT, 0, Startup.LENIENT);

        runner.withBean(PeerSettings.class, () -> lenient).run(context -> {
            Health health = context.getBean(SupervisorHealthIndicator.class).health();
            assertThat(health.getStatus()).isEqualTo(Status.UP);
            assertThat(health.getDetails()).containsEntry("concerns", List.of("not-joined", "not-permitted"));
        });
    }

    @Test
    void isAContributorOfItsOwnName() {
        runner.run(context ->
                assertThat(context).hasSingleBean(HealthIndicator.class).hasBean("supervisorHealthIndicator"));
    }

    @Test
    void canBeTurnedOffAndReplaced() {
        runner.withPropertyValues("management.health.supervisor.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(HealthIndicator.class));
        runner.withBean("supervisorHealthIndicator", HealthIndicator.class, () -> Mockito.mock(HealthIndicator.class))
                .run(context -> assertThat(context).doesNotHaveBean(SupervisorHealthIndicator.class));
    }

    @Test
    void isNotThereWithoutHealthOrAPeer() {
        runner.withClassLoader(new FilteredClassLoader(HealthIndicator.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean("supervisorHealthIndicator"));
        new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(SupervisorHealthAutoConfiguration.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(HealthIndicator.class));
    }
}
