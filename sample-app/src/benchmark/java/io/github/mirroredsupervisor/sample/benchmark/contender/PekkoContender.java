package io.github.mirroredsupervisor.sample.benchmark.contender;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.SingletonActor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Pekko: the cluster singleton is the owner. */
@Configuration(proxyBeanMethods = false)
public class PekkoContender {

    private static final String STOP = "stop";
    private static final int PATIENCE_SECONDS = 60;

    private static final String SETTINGS = """
            pekko {
              loglevel = WARNING
              actor.provider = cluster
              actor.allow-java-serialization = off
              remote.artery.canonical { hostname = "127.0.0.1", port = %d }
              cluster {
                seed-nodes = ["pekko://benchmark@127.0.0.1:%d"]
                jmx.enabled = off
                downing-provider-class = "org.apache.pekko.cluster.sbr.SplitBrainResolverProvider"
                split-brain-resolver { active-strategy = keep-majority, stable-after = 7s }
                gossip-interval = 200ms
                leader-actions-interval = 200ms
                unreachable-nodes-reaper-interval = 200ms
                singleton.hand-over-retry-interval = 200ms
              }
            }
            """;

    @Bean
    Participation singleton(Work work, ContenderProperties properties) {
        Config settings = ConfigFactory.parseString(SETTINGS.formatted(properties.port(), properties.basePort()))
                .withFallback(ConfigFactory.load());
        Crew crew = new Crew(work);
        AtomicReference<ActorSystem<Void>> running = new AtomicReference<>();
        return new Participation(
                () -> {
                    ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "benchmark", settings);
                    running.set(system);
                    CountDownLatch up = new CountDownLatch(1);
                    Cluster.get(system.classicSystem()).registerOnMemberUp(up::countDown);
                    ClusterSingleton.get(system)
                            .init(SingletonActor.of(owner(crew), "owner").withStopMessage(STOP));
                    if (!up.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                        throw new IllegalStateException("not a member of the cluster");
                    }
                },
                () -> {
                    running.get().terminate();
                    running.get().getWhenTerminated().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                });
    }

    private static Behavior<String> owner(Crew crew) {
        return Behaviors.setup(context -> {
            crew.begin(() -> true);
            return Behaviors.receive(String.class)
                    .onMessageEquals(STOP, Behaviors::stopped)
                    .onSignal(PostStop.class, signal -> {
                        crew.end();
                        return Behaviors.same();
                    })
                    .build();
        });
    }
}
