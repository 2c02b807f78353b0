package io.github.mirroredsupervisor.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.mirror.Peer;
import io.github.mirroredsupervisor.mirror.PeerStatus;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mockito.Mockito;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
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
        "true,  true,  true,  true,  OUT_OF_SERVICE"
    })
    void tellsWhetherThePeerCanDoItsPart(
            boolean running, boolean joined, boolean permitted, boolean terminated, String status) {
        when(peer.status())
                .thenReturn(new PeerStatus(
                        new PeerRef("id", "label", "host", 1),
                        running,
                        joined,
                        permitted,
                        Duration.ofMillis(1700),
                        Map.of("shop", new PeerStatus.GroupStatus(terminated, Map.of()))));

        Health health = new SupervisorHealthIndicator(peer).health();

        assertThat(health.getStatus().getCode()).isEqualTo(status);
        assertThat(health.getDetails())
                .containsEntry("label", "label")
                .containsEntry("groups", Map.of("shop", terminated ? "terminated" : "active"));
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
