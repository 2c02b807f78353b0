package io.github.mirroredsupervisor.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildExit;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.internal.context.ArgumentMapper;
import io.github.mirroredsupervisor.internal.context.ChildFactory;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.lease.OnStuckChild;
import io.github.mirroredsupervisor.internal.lease.PeerSettings;
import io.github.mirroredsupervisor.internal.lease.Startup;
import io.github.mirroredsupervisor.internal.peer.Peer;
import io.github.mirroredsupervisor.internal.platform.PeerMonitor;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.postgres.sessions.SessionHints;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.supervision.run.Fence;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestStores;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Several peers of one group in this JVM, over one real database, and a journal of what their children did. */
final class TestCluster implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(20);
    static final String GROUP = "orders";

    private final Database database;
    private final List<TestPeer> peers = new ArrayList<>();
    private final Queue<Entry> journal = new ConcurrentLinkedQueue<>();
    private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();
    private Duration lease = Duration.ofMillis(600);
    private OnStuckChild onStuckChild = OnStuckChild.REPORT;

    /** Off, because these tests kill peers right after their children have started. */
    private int maxCrashes = 0;

    private @Nullable Duration renewInterval;
    private GroupSettings settings =
            new GroupSettings(GROUP, Strategy.ONE_FOR_ONE, 1, Duration.ofSeconds(5), Duration.ofMillis(200));
    private int concurrentStarts = GroupSettings.CONCURRENT_STARTS;
    private List<ChildSpec> staticChildren = List.of();
    private SessionHints sessionHints = SessionHints.AUTO;
    private final Map<String, Function<String, ChildProcess>> ownTypes = new LinkedHashMap<>();
    private Duration callTimeout = Duration.ofSeconds(10);
    private Startup startup = Startup.STRICT;
    private List<String> groups = List.of(GROUP);
    java.util.function.UnaryOperator<Store> wrap = store -> store;

    TestCluster(Database database) {
        this.database = database;
    }

    static ChildSpec worker(String id) {
        return ChildSpec.of(id, "worker");
    }

    /** What the children did, in one order over all peers. */
    record Entry(long at, String peer, String child, long token, String what) {}

    TestCluster lease(Duration value) {
        lease = value;
        return this;
    }

    /** Sets it instead of a fifth of the lease. */
    TestCluster renewEvery(Duration value) {
        renewInterval = value;
        return this;
    }

    TestCluster settings(Strategy strategy, int intensity, Duration restartDelay) {
        settings = new GroupSettings(GROUP, strategy, intensity, Duration.ofSeconds(5), restartDelay);
        return this;
    }

    TestCluster concurrentStarts(int value) {
        concurrentStarts = value;
        return this;
    }

    TestCluster sessionHints(SessionHints value) {
        sessionHints = value;
        return this;
    }

    TestCluster onStuckChild(OnStuckChild value) {
        onStuckChild = value;
        return this;
    }

    TestCluster maxCrashes(int value) {
        maxCrashes = value;
        return this;
    }

    TestCluster policies(GroupPolicies policies) {
        settings = new GroupSettings(
                GROUP, settings.strategy(), settings.intensity(), settings.period(), settings.restartDelay(), policies);
        return this;
    }

    TestCluster staticChildren(ChildSpec... specs) {
        staticChildren = List.of(specs);
        return this;
    }

    TestCluster callTimeout(Duration value) {
        callTimeout = value;
        return this;
    }

    TestCluster startup(Startup value) {
        startup = value;
        return this;
    }

    /**
     * Peers that are started from now on are also members of that group. Static children belong to the first group
     * only.
     */
    TestCluster alsoIn(String group) {
        groups = List.of(GROUP, group);
        return this;
    }

    /** Adds a type. Its factory gets the label of the peer that creates an instance. */
    TestCluster type(String name, Function<String, ChildProcess> ofPeer) {
        ownTypes.put(name, ofPeer);
        return this;
    }

    TestPeer start(String label) {
        return start(label, types(label).keySet().toArray(String[]::new));
    }

    /** Starts a peer that knows these types only. */
    TestPeer start(String label, String... types) {
        TestPeer peer = new TestPeer(label, List.of(types));
        peers.add(peer);
        peer.peer.start();
        return peer;
    }

    /** A peer that knows all types and is not started yet. */
    TestPeer create(String label) {
        TestPeer peer = new TestPeer(label, List.copyOf(types(label).keySet()));
        peers.add(peer);
        return peer;
    }

    private Map<String, ChildFactory> types(String label) {
        Map<String, ChildFactory> types = new LinkedHashMap<>();
        types.put("worker", () -> idle(label));
        types.put("failing", () -> context -> {
            throw new IllegalStateException("this type is not run");
        });
        types.put("bad-init", () -> new BadInit(label));
        types.put("ignoring", () -> new Ignoring());
        types.put("crashing", () -> context -> {
            note(label, context, "BEGIN");
            note(label, context, "END");
            throw new IllegalStateException("crash");
        });
        types.put("completing", () -> context -> {
            note(label, context, "BEGIN");
            note(label, context, "END");
        });
        types.put("gated", () -> new Gated(label));
        types.put("until-open", () -> context -> {
            note(label, context, "BEGIN");
            try {
                while (!context.isStopping() && gate(context.childId()).getCount() > 0) {
                    context.sleep(Duration.ofMillis(5));
                }
            } finally {
                note(label, context, "END");
            }
        });
        types.put("slow-init", () -> new ChildProcess() {
            @Override
            public void init(ChildContext context) throws Exception {
                gate(context.childId()).await(1, TimeUnit.MINUTES);
            }

            @Override
            public void run(ChildContext context) {}
        });
        ownTypes.forEach((name, ofPeer) -> types.put(name, () -> ofPeer.apply(label)));
        staticChildren.forEach(spec -> types.putIfAbsent(spec.type(), () -> idle(label)));
        return types;
    }

    /** The journal has a child of another group under the names of the group and the child. */
    void note(String label, ChildContext context, String what) {
        String child = context.group().equals(GROUP) ? context.childId() : context.group() + "/" + context.childId();
        journal.add(new Entry(System.nanoTime(), label, child, context.fencingToken(), what));
    }

    /** Children of the type "worker" do nothing until they are stopped. */
    ChildProcess idle(String label) {
        return new Worker(label, () -> false);
    }

    /** A worker whose init fails with "not today" as long as the test wants. */
    ChildProcess reluctant(String label, BooleanSupplier fails) {
        return new Worker(label, fails);
    }

    List<Entry> journal(String child) {
        return journal.stream().filter(e -> e.child().equals(child)).toList();
    }

    List<String> runners(String child) {
        return journal(child).stream()
                .filter(e -> e.what().equals("BEGIN"))
                .map(Entry::peer)
                .toList();
    }

    /** On which peers the child runs now, by the journal. */
    List<String> running(String child) {
        List<String> running = new ArrayList<>();
        for (Entry entry : journal(child)) {
            if (entry.what().equals("BEGIN")) {
                running.add(entry.peer());
            } else if (entry.what().equals("END")) {
                running.remove(entry.peer());
            }
        }
        return running;
    }

    void awaitRunning(String child, String label) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(running(child)).containsExactly(label));
    }

    /** P1 and P2 on the journal: no two runs of a child overlap, and tokens rise. */
    void assertNoOverlaps() {
        journal.stream().collect(Collectors.groupingBy(Entry::child)).forEach((child, entries) -> {
            long running = 0;
            long token = 0;
            for (Entry entry : entries) {
                if (entry.what().equals("BEGIN")) {
                    assertThat(running)
                            .as("runs of %s when another begins: %s", child, entries)
                            .isZero();
                    assertThat(entry.token())
                            .as("tokens of %s: %s", child, entries)
                            .isGreaterThan(token);
                    token = entry.token();
                    running++;
                } else if (entry.what().equals("END")) {
                    running--;
                }
            }
        });
    }

    void open(String gate) {
        gate(gate).countDown();
    }

    private CountDownLatch gate(String name) {
        return gates.computeIfAbsent(name, n -> new CountDownLatch(1));
    }

    Database database() {
        return database;
    }

    /**
     * Waits until the peer has renewed its lease the given number of times. Pending work is done with each renewal, a
     * sweep with every tenth.
     */
    void awaitRenewals(TestPeer peer, int count) {
        long seen = renewals(peer);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(renewals(peer)).isGreaterThanOrEqualTo(seen + count));
    }

    /** The specs of all children, in start order. */
    List<String> owners() {
        return database.jdbc()
                .sql("select owner from mirrored_supervisor.child order by start_order")
                .query(String.class)
                .list();
    }

    private long renewals(TestPeer peer) {
        return database.jdbc()
                .sql("select renew_seq from mirrored_supervisor.peer where id = ?")
                .param(peer.supervisor.self().value())
                .query(Long.class)
                .single();
    }

    @Override
    public void close() {
        gates.values().forEach(CountDownLatch::countDown);
        for (TestPeer peer : peers) {
            assertThat(peer.peer.stop()).succeedsWithin(PATIENCE);
        }
    }

    /** One peer with its supervisor and what it has published. */
    final class TestPeer implements PeerMonitor {

        final String label;
        final Peer peer;
        final MirroredSupervisor supervisor;
        final Queue<SupervisorEvent> events = new ConcurrentLinkedQueue<>();
        private final MortalStore mortal;

        /** The application's listener, which is called for every event. */
        volatile Runnable onReport = () -> {};

        private TestPeer(String label, List<String> typeNames) {
            this.label = label;
            Map<String, ChildFactory> types = types(label);
            types.keySet().retainAll(typeNames);
            Duration renew = renewInterval == null ? lease.dividedBy(5) : renewInterval;
            ConnectionSettings connection = TestStores.settings(database, label, lease, renew);
            this.mortal = new MortalStore(new PostgresStore(connection, sessionHints));
            this.peer = new Peer(
                    new PeerSettings(
                            label,
                            "host",
                            1,
                            lease,
                            renew,
                            lease.dividedBy(6),
                            callTimeout,
                            onStuckChild,
                            maxCrashes,
                            startup),
                    groups.stream().map(group -> definition(group, types)).toList(),
                    wrap.apply(mortal),
                    new ArgumentMapper() {
                        @Override
                        public <T> T convert(Map<String, Object> arguments, Class<T> type) {
                            return type.cast(arguments);
                        }
                    },
                    this,
                    task -> new Thread(task),
                    Clock.systemUTC(),
                    Fence.unavailable("these children write nothing"));
            this.supervisor = peer.supervisor(GROUP);
        }

        private GroupDefinition definition(String group, Map<String, ChildFactory> types) {
            GroupSettings own = new GroupSettings(
                    group,
                    settings.strategy(),
                    settings.intensity(),
                    settings.period(),
                    settings.restartDelay(),
                    settings.restartDelayMax(),
                    concurrentStarts,
                    settings.policies());
            return new GroupDefinition(own, types, group.equals(GROUP) ? staticChildren : List.of());
        }

        MirroredSupervisor supervisor(String group) {
            return peer.supervisor(group);
        }

        /**
         * Dies like a process: its connections end at once and for good. Its children run on until its watchdog stops
         * them, as the journal shows; in a real death they would end at once.
         */
        void kill() {
            mortal.cut();
        }

        @Override
        public void event(SupervisorEvent event) {
            events.add(event);
            onReport.run();
        }

        @Override
        public void renewed(Duration took) {
            onReport.run();
        }

        @Override
        public void renewalFailed() {
            onReport.run();
        }

        <E extends SupervisorEvent> List<E> events(Class<E> type) {
            return events.stream().filter(type::isInstance).map(type::cast).toList();
        }

        <E extends SupervisorEvent> void onEvent(Class<E> type, Consumer<E> check) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(events(type)).anySatisfy(check));
        }
    }

    private final class Worker implements ChildProcess {
        private final String label;
        private final BooleanSupplier fails;
        private boolean begun;

        private Worker(String label, BooleanSupplier fails) {
            this.label = label;
            this.fails = fails;
        }

        @Override
        public void init(ChildContext context) {
            note(label, context, "INIT");
            if (fails.getAsBoolean()) {
                throw new IllegalStateException("not today");
            }
            begin(context); // it is in the journal before its start is reported
        }

        private void begin(ChildContext context) {
            begun = true;
            note(label, context, "BEGIN");
        }

        @Override
        public void run(ChildContext context) throws Exception {
            if (!begun) {
                begin(context);
            }
            try {
                while (!context.isStopping()) {
                    context.sleep(Duration.ofMillis(5));
                }
            } finally {
                note(label, context, "END");
            }
        }
    }

    private final class BadInit implements ChildProcess {
        private final String label;

        private BadInit(String label) {
            this.label = label;
        }

        @Override
        public void init(ChildContext context) {
            note(label, context, "INIT");
            throw new IllegalStateException("no such feed");
        }

        @Override
        public void run(ChildContext context) {
            throw new AssertionError("not reached");
        }
    }

    private static final class Ignoring implements ChildProcess {

        @Override
        public void init(ChildContext context) {
            throw ChildExit.ignore();
        }

        @Override
        public void run(ChildContext context) {
            throw new AssertionError("not reached");
        }
    }

    /** Ends only when its gate, named by its id, is opened: it ignores stops. */
    private final class Gated implements ChildProcess {
        private final String label;

        private Gated(String label) {
            this.label = label;
        }

        @Override
        public void run(ChildContext context) {
            note(label, context, "BEGIN");
            boolean open = false;
            while (!open) {
                try {
                    open = gate(context.childId()).await(1, TimeUnit.MINUTES);
                } catch (InterruptedException ignored) {
                    note(label, context, "INTERRUPTED");
                }
            }
            note(label, context, "END");
        }
    }
}
