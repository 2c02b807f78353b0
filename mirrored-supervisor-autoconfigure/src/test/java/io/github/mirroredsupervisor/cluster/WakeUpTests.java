package io.github.mirroredsupervisor.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.StartResult;
import io.github.mirroredsupervisor.StartResult.AlreadyStarted;
import io.github.mirroredsupervisor.StartResult.Started;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A notification wakes the peers that it concerns, and no others. Without it, these calls would take seconds. */
class WakeUpTests {

    private static final int CALLS = 50;

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase()).lease(Duration.ofMinutes(1));
    private final List<AtomicInteger> wakeUps = new ArrayList<>();

    @AfterEach
    void closeCluster() {
        cluster.close();
    }

    @Test
    void aCallWakesTheOwnerAndTheCallerAndNobodyElse() {
        TestPeer owner = start("owner");
        TestPeer caller = start("caller");
        for (int i = 0; i < 4; i++) {
            start("other " + i);
        }
        owner.supervisor.startChild(TestCluster.worker("c"));
        caller.supervisor.terminateChild("c"); // it is listening
        awaitQuiet();

        long began = System.nanoTime();
        for (int i = 0; i < CALLS / 2; i++) {
            caller.supervisor.restartChild("c");
            caller.supervisor.terminateChild("c");
        }
        long millis = (System.nanoTime() - began) / 1_000_000;
        List<Integer> counts = awaitQuiet();
        System.out.printf("Wake-ups of owner, caller and four others in %d calls: %s, %d ms%n", CALLS, counts, millis);
        assertThat(counts.get(0)).isBetween(CALLS / 2, CALLS);
        assertThat(counts.get(1)).isBetween(CALLS / 2, CALLS);
        assertThat(counts.subList(2, 6)).containsOnly(0);
    }

    @Test
    void whoWaitsForAStartThatSomebodyElseRequestedIsWokenByIt() {
        CountDownLatch gate = new CountDownLatch(1);
        cluster.type("slow", label -> new Slow(gate));
        TestPeer owner = start("owner");
        TestPeer caller = start("caller");
        TestPeer other = start("other");
        awaitQuiet();
        ChildSpec child = ChildSpec.of("s", "slow");
        Background<StartResult> first = Background.call(() -> owner.supervisor.startChild(child));
        await().until(() -> !other.supervisor.whichChildren().isEmpty());
        Background<StartResult> second = Background.call(() -> caller.supervisor.startChild(child));
        await().until(() -> wakeUps.get(0).get() > 0); // the owner has heard that somebody waits

        gate.countDown();
        assertThat(second.result()).isInstanceOf(AlreadyStarted.class);
        await().until(() -> wakeUps.get(1).get() > 0); // by the owner, and not only by its own look
        assertThat(first.result()).isInstanceOf(Started.class);
        assertThat(wakeUps.get(2).get()).isZero();
    }

    /** Its start takes until the gate is opened. */
    private record Slow(CountDownLatch gate) implements ChildProcess {

        @Override
        public void init(ChildContext context) throws Exception {
            gate.await();
        }

        @Override
        public void run(ChildContext context) throws Exception {
            context.sleep(Duration.ofDays(1));
        }
    }

    private TestPeer start(String label) {
        AtomicInteger count = new AtomicInteger();
        wakeUps.add(count);
        cluster.wrap = store -> counting(store, count);
        return cluster.start(label);
    }

    /** Returns how often each peer was woken since the last time. */
    private List<Integer> awaitQuiet() {
        List<Integer> counts = new ArrayList<>();
        await().during(Duration.ofMillis(500)).atMost(Duration.ofSeconds(20)).until(() -> {
            List<Integer> now = wakeUps.stream().map(AtomicInteger::get).toList();
            boolean quiet = now.equals(counts);
            counts.clear();
            counts.addAll(now);
            return quiet;
        });
        wakeUps.forEach(count -> count.set(0));
        return counts;
    }

    private static Store counting(Store real, AtomicInteger count) {
        return proxy(Store.class, real, "openHints", session -> {
            NotificationSession hints = (NotificationSession) session;
            return proxy(NotificationSession.class, hints, "await", heard -> {
                count.incrementAndGet();
                return heard;
            });
        });
    }

    private static <T> T proxy(Class<T> type, T real, String method, UnaryOperator<Object> onResult) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, called, args) -> {
            try {
                Object result = called.invoke(real, args);
                return called.getName().equals(method) ? onResult.apply(result) : result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }));
    }
}
