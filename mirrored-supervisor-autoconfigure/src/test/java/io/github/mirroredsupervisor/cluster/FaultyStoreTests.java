package io.github.mirroredsupervisor.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredSupervisorException;
import io.github.mirroredsupervisor.OutagePolicy;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.StartResult.AlreadyStarted;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.peer.StartAbandonedException;
import io.github.mirroredsupervisor.internal.postgres.announcements.Channels;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WatchSession;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.ConcurrentTest;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;

/**
 * A store whose calls fail, stall or are overtaken at chosen moments: no child is lost, and none runs without
 * permission.
 */
class FaultyStoreTests {

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());

    @AfterEach
    void closeCluster() {
        cluster.wrap = s -> s;
        cluster.close();
    }

    interface Hook {
        /** Runs before the call; a non-null result replaces the call. */
        Object before(String method, Object[] args) throws Throwable;
    }

    /** A store whose renewals, work calls and reads go through a hook. */
    static Store hooked(Store real, Hook renew, Hook work) {
        return new Store() {
            @Override
            public RenewalSession openRenewals() {
                return proxy(RenewalSession.class, real.openRenewals(), renew);
            }

            @Override
            public WorkSession openWork() {
                return proxy(WorkSession.class, real.openWork(), work);
            }

            @Override
            public WorkSession openReads() {
                return proxy(WorkSession.class, real.openReads(), work);
            }

            @Override
            public NotificationSession openHints(Set<String> groups) {
                return real.openHints(groups);
            }

            @Override
            public Optional<WatchSession> openWatch() {
                return real.openWatch();
            }
        };
    }

    /** A store whose database's clock is ahead of this machine's by the given time. */
    private static Store withClockAhead(Store real, AtomicReference<Duration> ahead) {
        RenewalSession renewals = real.openRenewals();
        return new Store() {
            @Override
            public RenewalSession openRenewals() {
                return new RenewalSession() {
                    @Override
                    public Renewal renew(PeerId me) {
                        Renewal read = renewals.renew(me);
                        return new Renewal(
                                read.renewed(),
                                read.seq(),
                                read.joinOrder(),
                                read.peers(),
                                read.groups(),
                                read.server(),
                                read.serverClock().plus(ahead.get()),
                                read.locks());
                    }

                    @Override
                    public void close() {
                        renewals.close();
                    }
                };
            }

            @Override
            public WorkSession openWork() {
                return real.openWork();
            }

            @Override
            public WorkSession openReads() {
                return real.openReads();
            }

            @Override
            public NotificationSession openHints(Set<String> groups) {
                return real.openHints(groups);
            }
        };
    }

    private static <T> T proxy(Class<T> type, T target, Hook hook) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (Object p, Method m, Object[] args) -> {
                    Object instead = hook.before(m.getName(), args);
                    if (instead != null) {
                        return instead;
                    }
                    try {
                        return m.invoke(target, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    static final Hook NONE = (m, a) -> null;

    static final class Silence implements Hook {
        volatile boolean on;

        @Override
        public Object before(String method, Object[] args) {
            if (on && !method.equals("close")) {
                throw new StoreUnavailableException("silenced", null);
            }
            return null;
        }
    }

    private static ChildSpec worker(String id) {
        return ChildSpec.of(id, "worker");
    }

    @ConcurrentTest
    void aSessionThatCannotBeClosedHoldsUpNoStop() {
        cluster.wrap = s -> hooked(s, failing("close"), failing("join"));
        TestPeer a = cluster.create("a");
        Background<Boolean> starting = Background.call(() -> {
            a.peer.start();
            return true;
        });
        await().atMost(TestCluster.PATIENCE).until(() -> a.peer.status().running());
        assertThat(a.peer.stop()).succeedsWithin(TestCluster.PATIENCE);
        assertThatThrownBy(starting::result).isInstanceOf(StartAbandonedException.class);
    }

    /** Protocol rule 9: no stop waits for the store, here for the members among which a successor might be. */
    @ConcurrentTest
    void membersThatCannotBeReadHoldUpNoStop() {
        CountDownLatch stopped = new CountDownLatch(1);
        AtomicBoolean leaving = new AtomicBoolean();
        cluster.wrap = s -> hooked(s, NONE, (m, args) -> {
            if (m.equals("members") && leaving.get()) {
                stopped.await(2 * TestCluster.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            return null;
        });
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("c"));
        leaving.set(true);
        CompletableFuture<Void> left = a.peer.stop();
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.running("c")).isEmpty());
        stopped.countDown();
        assertThat(left).succeedsWithin(TestCluster.PATIENCE);
    }

    private static Hook failing(String failing) {
        return (method, args) -> {
            if (method.equals(failing)) {
                throw new StoreUnavailableException(failing + " failed", null);
            }
            return null;
        };
    }

    @ConcurrentTest
    void oneFailedCertificateIsTriedAgain() {
        Silence silence = new Silence();
        cluster.wrap = s -> hooked(s, silence, silence);
        TestPeer a = cluster.start("a");
        AtomicInteger attempts = new AtomicInteger();
        cluster.wrap = s -> hooked(s, NONE, (m, args) -> {
            if (m.equals("certify") && attempts.getAndIncrement() == 0) {
                throw new StoreUnavailableException("the work connection was cut", null);
            }
            return null;
        });
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("c"));
        silence.on = true;
        try {
            await().atMost(Duration.ofSeconds(15))
                    .untilAsserted(() -> assertThat(b.events(SupervisorEvent.PeerDeclaredDead.class))
                            .isNotEmpty());
        } finally {
            silence.on = false;
        }
    }

    @ConcurrentTest
    void aCompletedAndDeletedChildCanBeStartedAgain() {
        TestPeer a = cluster.start("a");
        ChildSpec spec = ChildSpec.of("c", "completing").withRestart(RestartType.TRANSIENT);
        a.supervisor.startChild(spec);
        await().untilAsserted(() -> assertThat(a.supervisor.whichChildren())
                .singleElement()
                .extracting(i -> i.phase().name())
                .isEqualTo("COMPLETED"));
        a.supervisor.deleteChild("c");
        assertThat(a.supervisor.startChild(spec)).isInstanceOf(Started.class);
        await().atMost(Duration.ofSeconds(8))
                .untilAsserted(() -> assertThat(cluster.runners("c")).hasSize(2));
    }

    @ConcurrentTest
    void oneLockedRowHoldsUpNothingElse() throws Exception {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(ChildSpec.of("x", "gated").withRestart(RestartType.TRANSIENT));
        a.supervisor.startChild(worker("y"));
        try (Connection holder = cluster.database().connect()) {
            holder.setAutoCommit(false);
            holder.createStatement().executeQuery("select 1 from mirrored_supervisor.child where id = 'x' for update");
            cluster.open("x"); // completes: a report that cannot be written
            await().untilAsserted(() -> assertThat(cluster.running("x")).isEmpty());
            try {
                a.supervisor.terminateChild("y");
            } catch (RuntimeException e) {
            }
            await().atMost(Duration.ofSeconds(8))
                    .untilAsserted(() -> assertThat(cluster.running("y")).isEmpty());
        }
    }

    @ConcurrentTest
    void manyOrphansCostALaterPeerFewReads() {
        cluster.lease(Duration.ofSeconds(2));
        Silence silence = new Silence();
        cluster.wrap = s -> hooked(s, silence, silence);
        TestPeer a = cluster.start("a");
        cluster.wrap = s -> s;
        cluster.start("b");
        AtomicInteger views = new AtomicInteger();
        cluster.wrap = s -> hooked(s, NONE, (m, args) -> {
            if (m.equals("view")) {
                views.incrementAndGet();
            }
            return null;
        });
        TestPeer c = cluster.start("c");
        int many = 400;
        for (int i = 0; i < many; i++) {
            a.supervisor.startChild(worker("n" + i));
        }
        int before = views.get();
        silence.on = true;
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(c.supervisor.whichChildren().stream()
                                .filter(i ->
                                        i.owner() != null && !i.owner().label().equals("a"))
                                .count())
                        .isEqualTo(many));
        cluster.awaitRenewals(c, 5); // by then it has handled every hint
        silence.on = false;
        System.out.printf("%d full views of a later peer while %d children were adopted%n", views.get() - before, many);
        assertThat(views.get() - before).isLessThan(30);
    }

    /** As if a dead peer's transaction held the row for a moment longer. The next sweep would be ten renewals away. */
    @ConcurrentTest
    void aClaimThatIsRefusedIsRepeatedWithTheNextRenewal() {
        Duration lease = Duration.ofSeconds(5);
        cluster.lease(lease);
        AtomicInteger claims = new AtomicInteger();
        cluster.wrap = s -> hooked(
                s,
                NONE,
                (m, args) -> m.equals("grant") && args[0].equals(TestCluster.GROUP) && claims.getAndIncrement() == 0
                        ? Map.of()
                        : null);
        cluster.start("a");
        insertOrphan(worker("c"));
        await().atMost(TestCluster.PATIENCE).until(() -> claims.get() >= 1);
        await().atMost(lease)
                .untilAsserted(() -> assertThat(cluster.running("c")).containsExactly("a"));
        assertThat(claims).hasValue(2);
    }

    /** Handing over one by one would take too long; after half a lease the rest is released together. */
    @ConcurrentTest
    void aSlowDatabaseKeepsNoChildFromBeingStoppedForLong() throws Exception {
        Duration lease = Duration.ofSeconds(4);
        cluster.lease(lease);
        AtomicInteger releases = new AtomicInteger();
        cluster.wrap = s -> hooked(s, NONE, (m, args) -> {
            if (m.equals("release") && args[0].equals(TestCluster.GROUP)) {
                releases.incrementAndGet();
                new CountDownLatch(1).await(lease.toMillis() / 3, TimeUnit.MILLISECONDS);
            }
            return null;
        });
        TestPeer a = cluster.start("a");
        cluster.wrap = s -> s;
        cluster.start("b");
        IntStream.range(0, 20).forEach(i -> a.supervisor.startChild(worker("c" + i)));
        a.peer.stop().get();
        IntStream.range(0, 20).forEach(i -> cluster.awaitRunning("c" + i, "b"));
        assertThat(releases).hasValueLessThan(8);
    }

    /** The renewal ends only after the permission is back. */
    @ConcurrentTest
    void aChildThatEndsAfterThePermissionIsBackIsStartedSoon() throws Exception {
        cluster.lease(Duration.ofSeconds(6));
        Silence silence = new Silence();
        cluster.wrap = s -> hooked(s, silence, NONE);
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(ChildSpec.of("g", "gated"));
        cluster.awaitRunning("g", "a");
        silence.on = true;
        a.onEvent(SupervisorEvent.PermissionLost.class, e -> assertThat(e).isNotNull());
        silence.on = false;
        a.onEvent(SupervisorEvent.PermissionRegained.class, e -> assertThat(e).isNotNull());
        cluster.awaitRenewals(a, 1);
        cluster.open("g");
        long ended = System.nanoTime();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(cluster.runners("g")).hasSizeGreaterThan(1));
        long took = System.nanoTime() - ended;
        assertThat(took).isLessThan(Duration.ofSeconds(3).toNanos());
    }

    /** The sweep at the regain fails once, as it does on a work connection that died with the server. */
    @ConcurrentTest
    void aFailedSweepIsRepeatedWithTheNextRenewal() {
        cluster.lease(Duration.ofSeconds(6));
        Silence silence = new Silence();
        AtomicInteger failViews = new AtomicInteger();
        cluster.wrap = s -> hooked(s, silence, (m, args) -> {
            if (m.equals("grant") && failViews.getAndDecrement() > 0) {
                throw new StoreUnavailableException("the work connection had died", null);
            }
            return null;
        });
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("w"));
        cluster.awaitRunning("w", "a");
        silence.on = true;
        a.onEvent(SupervisorEvent.PermissionLost.class, e -> assertThat(e).isNotNull());
        failViews.set(1);
        silence.on = false;
        a.onEvent(SupervisorEvent.PermissionRegained.class, e -> assertThat(e).isNotNull());
        long regained = System.nanoTime();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(cluster.runners("w")).hasSize(2));
        long took = System.nanoTime() - regained;
        assertThat(took).isLessThan(Duration.ofSeconds(3).toNanos());
    }

    @ConcurrentTest
    void aStaticTemporaryChildIsStartedOnce() {
        cluster.staticChildren(ChildSpec.of("t", "t").withRestart(RestartType.TEMPORARY));
        cluster.start("a");
        await().atMost(Duration.ofSeconds(6))
                .untilAsserted(() -> assertThat(cluster.runners("t")).containsExactly("a"));
    }

    @ConcurrentTest
    void startChildNeverReplacesARunningChildsSpec() throws Exception {
        TestPeer a = cluster.start("a");
        CountDownLatch bMayClaim = new CountDownLatch(1);
        cluster.wrap = s -> hooked(s, NONE, (m, args) -> {
            if (m.equals("grant")) {
                assertThat(bMayClaim.await(10, TimeUnit.SECONDS)).isTrue();
            }
            return null;
        });
        cluster.start("b");
        CountDownLatch once = new CountDownLatch(1);
        cluster.wrap = s -> hooked(s, NONE, (m, args) -> {
            if (m.equals("grant") && once.getCount() > 0) { // c has read the orphan; now b is faster
                once.countDown();
                bMayClaim.countDown();
                cluster.awaitRunning("x", "b");
            }
            return null;
        });
        TestPeer c = cluster.start("c");
        a.supervisor.startChild(worker("x"));
        a.peer.stop().get();
        ChildSpec other = worker("x").withArguments(Map.of("other", 1));
        try {
            Object result = c.supervisor.startChild(other);
            assertThat(result).isInstanceOf(AlreadyStarted.class);
        } finally {
            bMayClaim.countDown();
            once.countDown(); // if x was handed to b directly, c claims it only when b leaves, and must not wait for b
        }
        assertThat(c.supervisor.childSpec("x")).contains(worker("x"));
        assertThat(cluster.runners("x")).containsExactly("a", "b");
    }

    @ConcurrentTest
    void noChildStartsWithoutPermissionNotEvenOneThatRidesOutages() {
        cluster.lease(Duration.ofSeconds(3)).settings(Strategy.REST_FOR_ONE, 1, Duration.ofMillis(200));
        cluster.staticChildren(
                ChildSpec.of("1slow", "slow-init"),
                ChildSpec.of("2rides", "worker").withOnOutage(OutagePolicy.CONTINUE));
        Silence silence = new Silence();
        cluster.wrap = s -> hooked(s, silence, silence);
        TestPeer a = cluster.start("a");
        cluster.wrap = s -> s;
        TestPeer b = cluster.start("b", "completing");
        await().untilAsserted(() -> assertThat(a.supervisor.whichChildren())
                .hasSize(2)
                .allSatisfy(c -> assertThat(c.phase().name()).isEqualTo("STARTING")));
        silence.on = true;
        b.onEvent(
                SupervisorEvent.PeerDeclaredDead.class,
                e -> assertThat(e.peer()).isEqualTo(a.supervisor.self()));
        cluster.awaitRenewals(b, 2);
        assertThat(cluster.runners("2rides")).isEmpty();
    }

    @ConcurrentTest
    void oneLockedTemporaryOrphanHoldsUpNoAdoption() throws Exception {
        cluster.start("b", "completing"); // for the group's row
        insertOrphan(ChildSpec.of("temp", "worker").withRestart(RestartType.TEMPORARY));
        insertOrphan(worker("other"));
        try (Connection holder = cluster.database().connect()) {
            holder.setAutoCommit(false);
            holder.createStatement()
                    .executeQuery("select 1 from mirrored_supervisor.child where id = 'temp' for update");
            cluster.start("a");
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(cluster.running("other")).containsExactly("a"));
        }
    }

    @ConcurrentTest
    void tokensThatWereLostInAFailoverDoNotStopAChildForEver() {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(ChildSpec.of("g", "gated"));
        cluster.awaitRunning("g", "a");
        cluster.database()
                .jdbc()
                .sql("update mirrored_supervisor.child set fencing_token = 1")
                .update();
        cluster.open("g");
        try {
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(cluster.runners("g")).hasSizeGreaterThan(1));
        } finally {
        }
    }

    private void insertOrphan(ChildSpec spec) {
        String json = spec.onOutage() == OutagePolicy.CONTINUE ? "{\"onOutage\":\"CONTINUE\"}" : "{}";
        cluster.database()
                .jdbc()
                .sql(
                        "insert into mirrored_supervisor.child (group_name, id, type, restart, kind, spec) values ('orders', :id, :type, :restart, 'WORKER', :spec::jsonb)")
                .param("id", spec.id())
                .param("type", spec.type())
                .param("restart", spec.restart().name())
                .param("spec", json)
                .update();
    }

    @ConcurrentTest
    void i27AMachineThatStoodStillUnseenStopsItsChildrenOnceAndStartsThemAgainInPlace() {
        AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
        cluster.lease(Duration.ofSeconds(6));
        cluster.wrap = s -> withClockAhead(s, ahead);
        TestPeer a = cluster.start("a");
        cluster.wrap = s -> s;
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(worker("w"));
        a.supervisor.startChild(worker("on").withOnOutage(OutagePolicy.CONTINUE));
        cluster.awaitRunning("w", "a");

        ahead.set(Duration.ofMillis(500)); // half the stop-bound
        long seen = renewals();
        await().atMost(TestCluster.PATIENCE).until(() -> renewals() > seen + 2);
        assertThat(a.events(SupervisorEvent.PeerSuspended.class)).isEmpty();

        ahead.set(Duration.ofSeconds(4));
        a.onEvent(SupervisorEvent.PermissionRegained.class, e -> assertThat(e).isNotNull());
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(() -> assertThat(cluster.runners("w")).containsExactly("a", "a"));
        long then = renewals();
        await().atMost(TestCluster.PATIENCE).until(() -> renewals() > then + 2);

        assertThat(cluster.running("w")).containsExactly("a");
        assertThat(a.events(SupervisorEvent.PeerSuspended.class))
                .singleElement()
                .satisfies(suspended -> {
                    assertThat(suspended.peer()).isEqualTo(a.supervisor.self());
                    assertThat(suspended.unseen()).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(4));
                });
        assertThat(a.events(SupervisorEvent.PermissionLost.class)).hasSize(1);
        assertThat(cluster.runners("on")).containsExactly("a");
        assertThat(b.events(SupervisorEvent.PeerDeclaredDead.class)).isEmpty();
        cluster.assertNoOverlaps();
    }

    private long renewals() {
        return cluster.database()
                .jdbc()
                .sql("select renew_seq from mirrored_supervisor.peer where label = 'a'")
                .query(Long.class)
                .single();
    }

    @ConcurrentTest
    void a42b51BadInputAndAStoreThatFailsHarmNoMember() {
        AtomicInteger failures = new AtomicInteger();
        cluster.wrap = s -> hooked(s, NONE, (m, args) -> {
            if (failures.get() > 0 && failures.getAndDecrement() > 0) {
                throw new IllegalStateException("the store met what nobody foresaw");
            }
            return null;
        });
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("c"));
        for (var call : List.<Runnable>of(
                () -> a.supervisor.startChild(null),
                () -> a.supervisor.ensureChild(ChildSpec.of("d", "no-such-type")),
                () -> a.supervisor.deleteChild("\0"),
                () -> a.supervisor.moveChild("c", PeerId.random()))) {
            assertThatThrownBy(call::run).isInstanceOf(MirroredSupervisorException.class);
        }
        assertThatThrownBy(() -> a.supervisor.terminateChild(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("childId");
        for (var call : List.<Runnable>of(
                () -> a.supervisor.startChild(worker("d")),
                () -> a.supervisor.terminateChild("c"),
                () -> a.supervisor.whichChildren())) {
            failures.set(1);
            assertThatThrownBy(call::run).hasMessageContaining("nobody foresaw");
        }
        for (String payload : List.of("rubbish", "{}", "{\"from\": 7}", "{\"from\":\"x\",\"children\":[null]}", "")) {
            cluster.database()
                    .jdbc()
                    .sql("select pg_notify(:channel, :payload)")
                    .param("channel", Channels.ofGroup(TestCluster.GROUP))
                    .param("payload", payload)
                    .query((row, number) -> payload)
                    .single();
        }
        cluster.awaitRenewals(a, 11);
        assertThat(cluster.runners("c")).containsExactly("a");
        assertThat(cluster.running("c")).containsExactly("a");
        assertThat(a.supervisor.startChild(worker("e"))).isInstanceOf(Started.class);
    }

    @ConcurrentTest
    void deletedChildrenAreForgotten() {
        TestPeer a = cluster.start("a");
        for (int i = 0; i < 20; i++) {
            a.supervisor.startChild(worker("d" + i));
            a.supervisor.removeChild("d" + i);
        }
        cluster.awaitRenewals(a, 11); // with a sweep among them
        await().atMost(TestCluster.PATIENCE)
                .untilAsserted(
                        () -> assertThat(a.peer.status().groups().get("orders").children())
                                .isEmpty());
    }
}
