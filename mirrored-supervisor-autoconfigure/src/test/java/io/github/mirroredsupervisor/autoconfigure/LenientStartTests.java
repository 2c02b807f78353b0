package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.PeerNotJoinedException;
import io.github.mirroredsupervisor.internal.peer.Peer;
import io.github.mirroredsupervisor.testing.DedicatedPostgres;
import io.github.mirroredsupervisor.testing.RowHolder;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** An application that starts without its database. Its peer joins as soon as it can. */
class LenientStartTests {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final DedicatedPostgres server = new DedicatedPostgres();

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void startsWithoutADatabaseAndJoinsWhenThereIsOne() {
        server.stopFast();
        TestContexts.supervisor(server.database())
                .withPropertyValues("mirrored-supervisor.startup=lenient")
                .withUserConfiguration(Polling.class)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    MirroredSupervisor supervisor = context.getBean(MirroredSupervisor.class);
                    assertThatThrownBy(supervisor::whichChildren)
                            .isInstanceOf(PeerNotJoinedException.class)
                            .hasMessageContaining("has not joined yet");
                    assertThat(context.getBean(Peer.class).status().joined()).isFalse();

                    server.start();

                    await().atMost(PATIENCE)
                            .until(() -> context.getBean(Polling.class).polls.get() > 0);
                    assertThat(supervisor.whichChildren()).hasSize(1);
                });
    }

    @Test
    void startsWhileTheSchemaIsLocked() {
        TestContexts.schema(server.database())
                .run(context -> assertThat(context).hasNotFailed());
        try (RowHolder holder = RowHolder.of(
                server.database(), "lock table mirrored_supervisor.flyway_schema_history in access exclusive mode")) {
            TestContexts.supervisor(server.database())
                    .withPropertyValues("mirrored-supervisor.startup=lenient")
                    .withUserConfiguration(Polling.class)
                    .run(context -> {
                        assertThat(context).hasNotFailed();
                        assertThatThrownBy(context.getBean(MirroredSupervisor.class)::countChildren)
                                .isInstanceOf(PeerNotJoinedException.class)
                                .hasMessageContaining("keeps its tables locked");

                        holder.rollback();

                        await().atMost(PATIENCE)
                                .until(() ->
                                        context.getBean(Polling.class).polls.get() > 0);
                    });
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Polling {

        final AtomicInteger polls = new AtomicInteger();

        @Bean
        @MirroredChild("poller")
        ChildProcess poller() {
            return context -> {
                polls.incrementAndGet();
                context.sleep(Duration.ofHours(1));
            };
        }
    }
}
