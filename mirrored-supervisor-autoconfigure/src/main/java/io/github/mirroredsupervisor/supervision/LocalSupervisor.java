package io.github.mirroredsupervisor.supervision;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One OTP supervisor for the children that this peer runs of one group. Thread-safe; no method blocks: outcomes arrive at
 * the {@link SupervisionListener}.
 *
 * <p>The algorithm is told at {@link SupervisorCore}. This class feeds it: one daemon thread takes the events from a queue, lets the
 * core decide and carries the effects out. It never runs the application's code and never waits for anything but events.
 */
public final class LocalSupervisor implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LocalSupervisor.class);

    private final LinkedBlockingQueue<Event> queue = new LinkedBlockingQueue<>();
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final String group;
    private final Runs runs;
    private final Announcer announcer;
    private final Ledger ledger;
    private final SupervisorCore core;
    private final Snapshots snapshots;
    private volatile boolean closed;

    /**
     * @param childThreads makes the thread of each run; platform or virtual
     * @param clock for the instants that people see
     * @param nanoTime monotonic time, for every decision
     */
    public LocalSupervisor(
            SupervisorFlags flags,
            RunEnvironment environment,
            SupervisionListener listener,
            ThreadFactory childThreads,
            Clock clock,
            LongSupplier nanoTime) {
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.group = environment.group();
        this.runs = new Runs(environment, childThreads, this::post);
        this.announcer = new Announcer(group, listener, environment::later);
        this.ledger = new Ledger(flags, now());
        this.core = new SupervisorCore(ledger);
        this.snapshots = new Snapshots(ledger);
        Thread loop = new Thread(this::loop, group + "/supervisor");
        loop.setDaemon(true);
        loop.start();
    }

    /**
     * Starts children in the given order, each after its predecessor's init returned or failed (semantics row A11). Under
     * one_for_one a slow init is waited for no longer than the stop-bound; then the next child is started all the same.
     *
     * <p>A launch is ignored if its child is up, or if its token is not greater than every one used for that id before. One for a child
     * that was told to end and has not is carried out when it has.
     */
    public void start(List<Launch> batch) {
        post(new Event.Start(List.copyOf(batch)));
    }

    /** Answers {@link SupervisionListener#tokenNeeded}: restart under this token. Ignored if no longer awaited. */
    public void granted(String childId, long token) {
        post(new Event.Granted(childId, token));
    }

    /** Answers {@link SupervisionListener#tokenNeeded}: the child is no longer this peer's, forget it. */
    public void refused(String childId) {
        post(new Event.Refused(childId));
    }

    /** Tells a child to end. {@code stopped} follows for every known child, at once if nothing of it runs. */
    public void stop(String childId, StopReason reason) {
        post(new Event.Stop(childId, reason));
    }

    /**
     * Tells all children to end: in reverse start order, within one_for_one in parallel (semantics row A40). {@code stopped} follows
     * for every known child.
     */
    public void stopAll(StopReason reason) {
        post(new Event.StopAll(reason));
    }

    /** Forgets a child that is DOWN, COMPLETED or waiting for a restart. */
    public void forget(String childId) {
        post(new Event.Forget(childId));
    }

    /**
     * Signals every run to end because the permission ended: flags and interrupts, from any thread, without locks. Restarts
     * that wait are dropped. {@code stopped(PERMISSION_LOST)} follows for each, {@code stuck} after the stop-bound.
     *
     * @param sparingContinue whether children with {@code onOutage = CONTINUE} run on
     */
    public void revoke(boolean sparingContinue) {
        long at = nanoTime.getAsLong();
        runs.tellAll(StopReason.PERMISSION_LOST, sparingContinue);
        post(new Event.Revoked(sparingContinue, at));
    }

    /** After {@code gaveUp}: clears the restart history and accepts starts again. */
    public void reset() {
        post(new Event.Reset());
    }

    /** Calls back, on the supervisor's thread, when everything that was asked for before has been carried out or refused. */
    public void afterCarriedOut(Runnable callback) {
        post(new Event.Barrier(callback));
    }

    /**
     * Waits until everything that was asked for before has been carried out: no run begins on account of it any more.
     *
     * @return false if that took longer than the limit
     */
    public boolean awaitCarriedOut(Duration limit) {
        CountDownLatch passed = new CountDownLatch(1);
        afterCarriedOut(passed::countDown);
        try {
            return passed.await(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Whether the calling thread is the child's own run, which would wait for itself if it waited for the child's start or end. */
    public boolean isRunByThisThread(String childId) {
        return runs.isRunByThisThread(childId);
    }

    /** The known children in start order, each as of its last transition. */
    public Map<String, LocalChild> children() {
        return snapshots.at(nanoTime.getAsLong());
    }

    /** What the known children are doing, in no order and each as of when it is looked at. */
    public Stream<LocalChild.Status> statuses() {
        return ledger.statuses();
    }

    /** Of these children those that are known, each as of its last transition; however many others there are. */
    public Map<String, LocalChild> children(Set<String> childIds) {
        return snapshots.at(nanoTime.getAsLong(), childIds);
    }

    /**
     * Children whose last transition the listener is only about to be told of. One that is not among them, asked for after {@link #children}, was seen there as the
     * listener knows it, or as it was before.
     */
    public Set<String> unannounced() {
        return ledger.unannounced();
    }

    /** Ends the supervisor's own thread. Children must have been stopped; any that were not are told now, and nobody waits for them. */
    @Override
    public void close() {
        closed = true;
        if (runs.count() > 0) {
            log.warn("[{}] closed while {} children have not ended; they are told to", group, runs.count());
            runs.tellAll(StopReason.LEAVING, false);
        }
        post(new Event.Tick());
    }

    private void post(Event event) {
        queue.add(event);
    }

    private Moment now() {
        return new Moment(nanoTime.getAsLong(), clock.instant());
    }

    private void loop() {
        List<Event> events = new ArrayList<>();
        while (!closed || !queue.isEmpty()) {
            try {
                events.clear();
                Event first = next();
                if (first != null) {
                    events.add(first);
                }
                Moment taken = now();
                queue.drainTo(events);
                events.forEach(event -> handle(event, now()));
                // As of when the events were taken: a run that had ended in time by then was among them, and is not
                // called stuck.
                handle(new Event.Tick(), taken);
            } catch (Throwable unexpected) {
                report(unexpected);
            }
        }
    }

    /** The next event; null if something is due before there is one. */
    private @Nullable Event next() throws InterruptedException {
        Event waiting = queue.poll();
        Long wakeup = core.nextWakeup();
        if (waiting != null || wakeup == null) {
            return waiting != null ? waiting : queue.take();
        }
        return queue.poll(wakeup - nanoTime.getAsLong(), TimeUnit.NANOSECONDS);
    }

    private void handle(Event event, Moment now) {
        try {
            if (event instanceof Event.Barrier barrier) {
                barrier.passed().run();
                return;
            }
            core.on(event, now).forEach(this::perform);
            ledger.announced();
        } catch (Throwable unexpected) {
            report(unexpected);
        }
    }

    private void perform(Effect effect) {
        try {
            if (effect instanceof Effect.StartRun start) {
                runs.start(start);
            } else if (effect instanceof Effect.TellRun tell) {
                runs.tell(tell.childId(), tell.token(), tell.reason());
            } else if (effect instanceof Effect.InterruptRun interrupt) {
                runs.interrupt(interrupt.childId(), interrupt.token());
            } else if (effect instanceof Effect.Notice notice) {
                announcer.announce(notice);
            }
        } catch (Throwable unexpected) {
            report(unexpected);
        }
    }

    /** The thread lives on: without it the children would be unsupervised. */
    private void report(Throwable unexpected) {
        try {
            log.error("[{}] unexpected failure in the supervisor's own code", group, unexpected);
        } catch (Throwable hopeless) {
            // Nothing is left to say it with.
        }
    }
}
