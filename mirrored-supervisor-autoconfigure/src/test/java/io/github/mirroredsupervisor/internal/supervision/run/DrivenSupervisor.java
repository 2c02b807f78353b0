package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.internal.platform.JvmPlatform;
import io.github.mirroredsupervisor.internal.platform.Loop;
import io.github.mirroredsupervisor.internal.platform.Mailbox;
import io.github.mirroredsupervisor.internal.platform.Platform;
import io.github.mirroredsupervisor.internal.supervision.Effect.Notice;
import io.github.mirroredsupervisor.internal.supervision.Event;
import io.github.mirroredsupervisor.internal.supervision.values.Launch;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.values.Moment;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import io.github.mirroredsupervisor.internal.supervision.values.SupervisorFlags;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;

/** A local supervisor with a loop of its own, for callers on any thread. */
final class DrivenSupervisor implements AutoCloseable {

    private final Mailbox<Runnable> calls = new Mailbox<>();
    private final Mailbox<Event> events = calls.beside();
    private final Platform platform = new JvmPlatform();
    private final LocalSupervisor supervisor;
    private final RecordedNotices recorded;
    private final Loop loop;

    DrivenSupervisor(
            SupervisorFlags flags, RunEnvironment environment, RecordedNotices recorded, ThreadFactory threads) {
        this.recorded = recorded;
        supervisor = new LocalSupervisor(flags, environment, threads, Clock.systemUTC(), platform, events);
        loop = platform.create("supervisor", this::step, this::step);
        calls.wakes(loop);
        events.wakes(loop);
        loop.start();
    }

    private void post(Runnable task) {
        calls.post(task);
    }

    private long step() {
        Moment taken = supervisor.now();
        long end = calls.nextNumber();
        while (Math.min(calls.first(), events.first()) < end) {
            if (calls.first() < events.first()) {
                calls.take().run();
            } else {
                supervisor.on(events.take());
            }
            takeNotices();
        }
        supervisor.passTime(taken);
        takeNotices();
        Long wakeup = supervisor.nextWakeup();
        return wakeup == null ? Long.MAX_VALUE : Math.max(0, wakeup - platform.nanoTime());
    }

    private void takeNotices() {
        for (Notice next = supervisor.nextNotice(); next != null; next = supervisor.nextNotice()) {
            recorded.take(next);
        }
    }

    void start(List<Launch> batch) {
        post(() -> supervisor.start(batch));
    }

    void granted(String childId, long token) {
        post(() -> supervisor.granted(childId, token));
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
