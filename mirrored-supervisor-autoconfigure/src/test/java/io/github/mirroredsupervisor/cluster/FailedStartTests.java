package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildExit;
import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildNotFoundException;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.ChildStartException;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The rows of children that did not start, and of children that ended. Methods are named after the semantics rows they
 * check.
 */
class FailedStartTests {

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    @Test
    void a17b29AStartThatFailsLeavesNothingBehind() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        assertThatThrownBy(() -> a.supervisor.startChild(ChildSpec.of("c", "bad-init")))
                .isInstanceOf(ChildStartException.class)
                .hasMessageContaining("no such feed")
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(b.supervisor.whichChildren()).isEmpty();
        assertThat(b.supervisor.childSpec("c")).isEmpty();
        for (var call : List.<Runnable>of(
                () -> a.supervisor.restartChild("c"),
                () -> b.supervisor.terminateChild("c"),
                () -> b.supervisor.deleteChild("c"))) {
            assertThatThrownBy(call::run).isInstanceOf(ChildNotFoundException.class);
        }
        assertThat(b.supervisor.startChild(worker("c"))).isInstanceOf(Started.class);
        cluster.awaitRunning("c", "b");
    }

    @Test
    void a13WhateverAStartThrowsIsTheCallersToKnow() {
        cluster.type(
                "error",
                label -> init(() -> {
                    throw new NoClassDefFoundError("gone");
                }));
        cluster.type(
                "exit",
                label -> init(() -> {
                    throw ChildExit.shutdown("no queue");
                }));
        cluster.type("unmakeable", label -> {
            throw new IllegalArgumentException("no bean");
        });
        TestPeer a = cluster.start("a");
        assertThatThrownBy(() -> a.supervisor.startChild(ChildSpec.of("c", "error")))
                .isInstanceOf(ChildStartException.class)
                .hasCauseInstanceOf(NoClassDefFoundError.class);
        assertThatThrownBy(() -> a.supervisor.startChild(ChildSpec.of("c", "exit")))
                .isInstanceOf(ChildStartException.class)
                .hasMessageContaining("no queue");
        assertThatThrownBy(() -> a.supervisor.startChild(ChildSpec.of("c", "unmakeable")))
                .isInstanceOf(ChildStartException.class)
                .hasMessageContaining("no bean");
        assertThat(a.supervisor.startChild(worker("c"))).isInstanceOf(Started.class);
    }

    @Test
    void a13AFailureThatCannotBePrintedIsOneLikeAnyOther() {
        cluster.type(
                "unreadable",
                label -> init(() -> {
                    throw new UnreadableException();
                }));
        TestPeer a = cluster.start("a");

        assertThatThrownBy(() -> a.supervisor.startChild(ChildSpec.of("c", "unreadable")))
                .isInstanceOfSatisfying(ChildStartException.class, failure -> {
                    assertThat(failure.childId()).isEqualTo("c");
                    assertThat(failure.group()).isEqualTo(TestCluster.GROUP);
                    assertThat(failure).hasMessageContaining("UnreadableException");
                    assertThat(failure).hasStackTraceContaining("UnreadableException");
                });
        assertThat(a.supervisor.whichChildren()).isEmpty();
        assertThat(a.supervisor.startChild(worker("d"))).isInstanceOf(Started.class);
    }

    private static final class UnreadableException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("not even a message");
        }
    }

    @Test
    void b30AChildWhoseStartWasSaidToHaveFailedNeverStartsByItself() throws Exception {
        AtomicBoolean fails = new AtomicBoolean(true);
        cluster.type("moody", label -> cluster.reluctant(label, fails::get));
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        assertThatThrownBy(() -> a.supervisor.startChild(ChildSpec.of("c", "moody")))
                .isInstanceOf(ChildStartException.class);
        fails.set(false);
        cluster.awaitRenewals(a, 11);
        a.peer.stop().get();
        cluster.awaitRenewals(b, 11);
        assertThat(cluster.journal("c")).hasSize(1);
    }

    @Test
    void b31b32EndedChildrenDoNotComeBackWithAFailover() throws Exception {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(ChildSpec.of("done", "completing").withRestart(RestartType.TRANSIENT));
        a.supervisor.startChild(ChildSpec.of("brief", "completing").withRestart(RestartType.TEMPORARY));
        a.supervisor.startChild(worker("lasting").withRestart(RestartType.TEMPORARY));
        a.supervisor.startChild(worker("stopped"));
        a.supervisor.startChild(worker("witness"));
        a.supervisor.terminateChild("stopped");
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(b.supervisor.whichChildren())
                        .extracting(ChildInfo::id, ChildInfo::phase)
                        .containsExactly(
                                tuple("done", Phase.COMPLETED),
                                tuple("lasting", Phase.RUNNING),
                                tuple("stopped", Phase.STOPPED),
                                tuple("witness", Phase.RUNNING)));
        a.peer.stop().get();
        cluster.awaitRunning("witness", "b");
        assertThat(b.supervisor.whichChildren())
                .extracting(ChildInfo::id)
                .containsExactly("done", "stopped", "witness");
        assertThat(cluster.runners("done")).containsExactly("a");
        assertThat(cluster.runners("lasting")).containsExactly("a");
        assertThat(cluster.runners("stopped")).containsExactly("a");
        assertThat(b.supervisor.restartChild("done")).isInstanceOf(Started.class);
        assertThat(b.supervisor.restartChild("stopped")).isInstanceOf(Started.class);
    }

    @Test
    void b33AChildWhoseCauseIsGoneDeclinesItsNextStartAndStaysDown() {
        AtomicBoolean wanted = new AtomicBoolean(true);
        cluster.type("shovel", label -> new ChildProcess() {
            @Override
            public void init(ChildContext context) {
                cluster.note(label, context, "INIT");
                if (!wanted.get()) {
                    throw ChildExit.ignore();
                }
            }

            @Override
            public void run(ChildContext context) throws Exception {
                cluster.idle(label).run(context);
            }
        });
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        TestPeer c = cluster.start("c");
        a.supervisor.startChild(ChildSpec.of("s", "shovel"));
        wanted.set(false);
        a.kill();
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(c.supervisor.whichChildren())
                        .singleElement()
                        .satisfies(child -> {
                            assertThat(child.phase()).isEqualTo(Phase.COMPLETED);
                            assertThat(child.lastExit()).isNotNull();
                            assertThat(child.lastExit().kind()).isEqualTo(LastExit.Kind.IGNORED);
                        }));
        wanted.set(true);
        b.peer.stop().join();
        cluster.awaitRenewals(c, 11);
        assertThat(cluster.journal("s"))
                .filteredOn(entry -> entry.what().equals("INIT"))
                .extracting(TestCluster.Entry::peer)
                .containsExactly("a", "b");
    }

    private interface Init {
        void run();
    }

    private static ChildProcess init(Init init) {
        return new ChildProcess() {
            @Override
            public void init(ChildContext context) {
                init.run();
            }

            @Override
            public void run(ChildContext context) {
                throw new AssertionError("not reached");
            }
        };
    }
}
