package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildNotFoundException;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerNotJoinedException;
import io.github.mirroredsupervisor.StartResult;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The exceptions of calls with invalid arguments, and of calls while their peer is not a member. */
class CallErrorTests {

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    private static Map<String, Consumer<String>> callsById(MirroredSupervisor supervisor) {
        Map<String, Consumer<String>> calls = new LinkedHashMap<>();
        calls.put("restart", supervisor::restartChild);
        calls.put("terminate", supervisor::terminateChild);
        calls.put("delete", supervisor::deleteChild);
        calls.put("move", id -> supervisor.moveChild(id, supervisor.self()));
        calls.put("remove", supervisor::removeChild);
        calls.put("spec", supervisor::childSpec);
        return calls;
    }

    @Test
    void anArgumentThatIsNullIsNamed() {
        TestPeer a = cluster.start("a");
        callsById(a.supervisor)
                .forEach((name, call) -> assertThatThrownBy(() -> call.accept(null))
                        .as(name)
                        .isInstanceOf(NullPointerException.class)
                        .hasMessageContaining("childId"));
        assertThatThrownBy(() -> a.supervisor.moveChild("c", null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("target");
        for (Consumer<PeerId> call : List.<Consumer<PeerId>>of(a.supervisor::cordon, a.supervisor::uncordon)) {
            assertThatThrownBy(() -> call.accept(null))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageContaining("peer");
        }
        assertThatThrownBy(() -> new PeerId(null)).isInstanceOf(NullPointerException.class);
    }

    /** The database would change these ids when it stores them, possibly into ids of other children. */
    @Test
    void noIdThatCannotBeStoredNamesAnotherChild() {
        TestPeer a = cluster.start("a");
        for (String id : List.of("c?", "c\uFFFD", "?", "\uFFFD")) {
            a.supervisor.startChild(worker(id));
        }
        for (String id : List.of("c\uD800", "c\0", "\uDC00", " ", "")) {
            callsById(a.supervisor).forEach((name, call) -> {
                if (name.equals("remove") || name.equals("spec")) {
                    assertThatCode(() -> call.accept(id)).as(name).doesNotThrowAnyException();
                } else {
                    assertThatThrownBy(() -> call.accept(id)).as(name).isInstanceOf(ChildNotFoundException.class);
                }
            });
            assertThat(a.supervisor.childSpec(id)).isEmpty();
        }
        assertThat(a.supervisor.countChildren().active()).isEqualTo(4);
        assertThat(cluster.journal("c?")).extracting(TestCluster.Entry::what).doesNotContain("END");
    }

    /** A peer that was declared dead and whose join fails until the test allows it. */
    private TestPeer expelled(AtomicBoolean joinsFail) {
        AtomicInteger joins = new AtomicInteger();
        cluster.wrap = store -> FaultyStoreTests.hooked(store, FaultyStoreTests.NONE, (method, arguments) -> {
            if (method.equals("join") && joins.getAndIncrement() > 0 && joinsFail.get()) {
                throw new StoreUnavailableException("not yet", null);
            }
            return null;
        });
        TestPeer a = cluster.start("a");
        joinsFail.set(true);
        cluster.database()
                .jdbc()
                .sql("update mirrored_supervisor.peer set state = 'DEAD' where id = ?")
                .param(a.supervisor.self().value())
                .update();
        await().atMost(TestCluster.PATIENCE).until(() -> joins.get() > 1);
        return a;
    }

    @Test
    void aStartWaitsUntilItsPeerHasJoinedAnew() {
        AtomicBoolean joinsFail = new AtomicBoolean();
        TestPeer a = expelled(joinsFail);
        Background<StartResult> start = Background.call(() -> a.supervisor.startChild(worker("c")));
        Background<StartResult> ensure = Background.call(() -> a.supervisor.ensureChild(worker("d")));
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(a.supervisor.whichChildren()).isEmpty());
        joinsFail.set(false);
        assertThat(start.result()).isInstanceOf(Started.class);
        assertThat(ensure.result()).isInstanceOf(Started.class);
        assertThat(a.events(SupervisorEvent.PeerJoined.class)).hasSize(2);
    }

    @Test
    void aPeerThatDoesNotJoinWithinTheTimeOfACallSaysSo() {
        cluster.callTimeout(Duration.ofSeconds(4));
        AtomicBoolean joinsFail = new AtomicBoolean();
        TestPeer a = expelled(joinsFail);
        assertThatThrownBy(() -> a.supervisor.startChild(worker("c"))).isInstanceOf(PeerNotJoinedException.class);
        assertThatThrownBy(() -> a.supervisor.ensureChild(worker("c"))).isInstanceOf(PeerNotJoinedException.class);
        assertThat(a.supervisor.whichChildren()).isEmpty();
        joinsFail.set(false);
        assertThat(a.supervisor.startChild(worker("c"))).isInstanceOf(Started.class);
    }
}
