package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;

/** Applications without a name on one database: they share the default group. */
@ExtendWith(OutputCaptureExtension.class)
class UnnamedApplicationTests {

    private final Database database = TestPostgres.migratedDatabase();

    @Test
    void twoOfThemAreNotOneApplication() {
        application(Shop.class).run(shop -> {
            assertThat(shop).hasNotFailed();

            application(Billing.class).run(billing -> {
                assertThat(billing).hasFailed();
                Throwable root = billing.getStartupFailure();
                while (root.getCause() != null && !(root instanceof SupervisorStartException)) {
                    root = root.getCause();
                }
                assertThat(root).isInstanceOfSatisfying(SupervisorStartException.class, ex -> {
                    assertThat(ex.problem()).isEqualTo(Problem.FOREIGN_APPLICATION);
                    assertThat(ex).hasMessageContainingAll("'default'", Shop.class.getName(), Billing.class.getName());
                    assertThat(ex.action()).contains("spring.application.name", "mirrored-supervisor.group=default");
                });
            });

            assertThat(shop.getBean(MirroredSupervisor.class).peers())
                    .filteredOn(peer -> peer.state() == PeerState.ALIVE)
                    .hasSize(1);
        });
    }

    @Test
    void severalInstancesOfOneAre() {
        application(Shop.class)
                .run(one -> application(Shop.class).run(two -> assertThat(two).hasNotFailed()));
    }

    @Test
    void oneThatDeclaresNoChildIsLetIn() {
        application(Shop.class)
                .run(shop -> application(Viewer.class)
                        .run(viewer -> assertThat(viewer).hasNotFailed()));
    }

    @Test
    void applicationsThatNameTheirGroupMayShareIt() {
        String name = "mirrored-supervisor.group=default";
        application(Shop.class)
                .withPropertyValues(name)
                .run(shop -> application(Billing.class)
                        .withPropertyValues(name)
                        .run(billing -> assertThat(billing).hasNotFailed()));
    }

    @Test
    void aNewOneMayComeWhenTheOtherIsGone() {
        application(Shop.class).run(shop -> assertThat(shop).hasNotFailed());
        application(Billing.class).run(billing -> assertThat(billing).hasNotFailed());
    }

    @Test
    void theGroupOfApplicationsWithoutANameIsWarnedOfOnce(CapturedOutput output) {
        application(Shop.class).run(shop -> assertThat(shop).hasNotFailed());

        assertThat(output.getOut()).containsOnlyOnce("Neither spring.application.name nor mirrored-supervisor.group");
    }

    @Test
    void anotherGroupIsNotWarnedOf(CapturedOutput output) {
        application(Shop.class)
                .withPropertyValues("spring.application.name=shop")
                .run(shop -> assertThat(shop).hasNotFailed());

        assertThat(output.getOut()).doesNotContain("Neither spring.application.name");
    }

    private ApplicationContextRunner application(Class<?> type) {
        return TestContexts.supervisor(database).withUserConfiguration(type);
    }

    private static ChildProcess idle() {
        return context -> context.sleep(Duration.ofHours(1));
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    static class Shop {

        @Bean
        @MirroredChild("poller")
        ChildProcess poller() {
            return idle();
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    static class Billing {

        @Bean
        @MirroredChild("biller")
        ChildProcess biller() {
            return idle();
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    static class Viewer {}
}
