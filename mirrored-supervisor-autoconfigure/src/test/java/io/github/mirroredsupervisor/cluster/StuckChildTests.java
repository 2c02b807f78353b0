package io.github.mirroredsupervisor.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.lease.OnStuckChild;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Children that violate the assumption that a child ends when it is stopped. */
class StuckChildTests {

    private final Database database = TestPostgres.migratedDatabase();
    private final TestCluster cluster = new TestCluster(database);

    @AfterEach
    void closeCluster() {
        cluster.close();
    }

    private static ChildSpec gated() {
        return ChildSpec.of("g", "gated").withShutdown(new Shutdown.Brutal());
    }

    @Test
    void a41AThreadThatDoesNotEndIsShownAsStuckAndItsSuccessorMayStart() {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(gated());
        long token = a.supervisor.whichChildren().get(0).fencingToken();
        a.supervisor.terminateChild("g");
        a.onEvent(
                SupervisorEvent.ChildAbandoned.class,
                e -> assertThat(e.child().fencingToken()).isEqualTo(token));
        assertThat(a.supervisor.whichChildren())
                .singleElement()
                .extracting(ChildInfo::phase)
                .isEqualTo(Phase.STUCK);
        assertThat(a.supervisor.ensureChild(ChildSpec.of("g", "worker"))).isInstanceOf(Started.class);
        assertThat(a.supervisor.whichChildren()).singleElement().satisfies(child -> {
            assertThat(child.phase()).isEqualTo(Phase.RUNNING);
            assertThat(child.fencingToken()).isGreaterThan(token);
        });
        cluster.open("g");
        a.supervisor.removeChild("g");
    }

    @Test
    void a41AStuckChildCanBeDeletedAndItsThreadsEndIsNobodys() {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(gated());
        a.supervisor.removeChild("g");
        assertThat(a.supervisor.whichChildren()).isEmpty();
        cluster.open("g");
        a.onEvent(
                SupervisorEvent.ChildAbandoned.class,
                e -> assertThat(e.child().childId()).isEqualTo("g"));
    }

    @Test
    void a41AProcessThatIsToldToHaltsItself() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        StuckProcess.class.getName(),
                        database.jdbcUrl(),
                        database.username(),
                        database.password())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(process.waitFor(TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            assertThat(process.exitValue()).isEqualTo(OnStuckChild.EXIT_STATUS);
        } finally {
            process.destroyForcibly();
        }
    }

    /** One peer in a separate process, whose child ignores its termination. */
    static final class StuckProcess {

        private StuckProcess() {}

        public static void main(String[] arguments) {
            TestCluster cluster = new TestCluster(new Database(arguments[0], arguments[1], arguments[2]));
            cluster.onStuckChild(OnStuckChild.HALT);
            TestPeer peer = cluster.start("a");
            peer.supervisor.startChild(gated());
            peer.supervisor.terminateChild("g");
        }
    }
}
