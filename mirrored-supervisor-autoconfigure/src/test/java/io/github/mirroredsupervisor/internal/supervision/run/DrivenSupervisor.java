package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.internal.platform.JvmPlatform;
import io.github.mirroredsupervisor.internal.platform.Loop;
import io.github.mirroredsupervisor.internal.platform.Platform;
import io.github.mirroredsupervisor.internal.supervision.Event;
import io.github.mirroredsupervisor.internal.supervision.Launch;
import io.github.mirroredsupervisor.internal.supervision.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.Moment;
import io.github.mirroredsupervisor.internal.supervision.StopReason;
import io.github.mirroredsupervisor.internal.supervision.SupervisionListener;
import io.github.mirroredsupervisor.internal.supervision.SupervisorFlags;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;

/** A local supervisor with a loop of its own, for callers on any thread. */
final class DrivenSupervisor implements AutoCloseable {

    private final Queue<Runnable> mailbox = new ConcurrentLinkedQueue<>();
    private final Platform platform = new JvmPlatform();
    private final LocalSupervisor supervisor;
    private final Loop loop;

    DrivenSupervisor(
            SupervisorFlags flags, RunEnvironment environment, SupervisionListener listener, ThreadFactory threads) {
        supervisor = new LocalSupervisor(
                flags,
                environment,
                listener,
                threads,
                Clock.systemUTC(),
                platform::nanoTime,
                event -> post(() -> on(event)));
        loop = platform.create("supervisor", this::step, this::step);
        loop.start();
    }

    private void on(Event event) {
        supervisor.on(event);
    }

    private void post(Runnable task) {
        mailbox.add(task);
        loop.wake();
    }

    private long step() {
        Moment taken = supervisor.now();
        for (Runnable next = mailbox.poll(); next != null; next = mailbox.poll()) {
            next.run();
        }
        supervisor.passTime(taken);
        Long wakeup = supervisor.nextWakeup();
        return wakeup == null ? Long.MAX_VALUE : Math.max(0, wakeup - platform.nanoTime());
    }

    void start(List<Launch> batch) {
        post(() -> supervisor.start(batch));
    }

    void granted(String childId, long token) {
        post(() -> supervisor.granted(childId, token));
    }

    void refused(String childId) {
        post(() -> supervisor.refused(childId));
    }

    void stop(String childId, StopReason reason) {
        post(() -> supervisor.stop(childId, reason));
    }

    void stopAll(StopReason reason) {
        post(() -> supervisor.stopAll(reason));
    }

    void forget(String childId) {
        post(() -> supervisor.forget(childId));
    }

    void reset() {
        post(supervisor::reset);
    }

    void revoke(boolean sparingContinue) {
        supervisor.revoke(sparingContinue);
    }

    Map<String, LocalChild> children() {
        CompletableFuture<Map<String, LocalChild>> children = new CompletableFuture<>();
        post(() -> children.complete(supervisor.children()));
        return children.join();
    }

    @Override
    public void close() {
        supervisor.close();
        loop.close();
    }
}
