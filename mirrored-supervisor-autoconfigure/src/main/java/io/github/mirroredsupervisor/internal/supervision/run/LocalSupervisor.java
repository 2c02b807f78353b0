package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.internal.platform.Loops;
import io.github.mirroredsupervisor.internal.supervision.Effect;
import io.github.mirroredsupervisor.internal.supervision.Event;
import io.github.mirroredsupervisor.internal.supervision.Launch;
import io.github.mirroredsupervisor.internal.supervision.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.Moment;
import io.github.mirroredsupervisor.internal.supervision.Snapshots;
import io.github.mirroredsupervisor.internal.supervision.StopReason;
import io.github.mirroredsupervisor.internal.supervision.Strategy;
import io.github.mirroredsupervisor.internal.supervision.SupervisorCore;
import io.github.mirroredsupervisor.internal.supervision.SupervisorFlags;
import io.github.mirroredsupervisor.internal.supervision.SupervisorState;
import io.github.mirroredsupervisor.internal.supervision.TokenLedger;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One OTP supervisor for the children that this peer runs of one group. Thread-safe; no method blocks: outcomes arrive
 * at the {@link SupervisionListener}.
 *
 * <p>The algorithm is told at {@link SupervisorCore}. This class feeds it: one loop takes the events from a queue, lets
 * the core decide and carries the effects out. It never runs the application's code and never waits for anything but
 * events.
 */
public final class LocalSupervisor implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LocalSupervisor.class);

    private final Queue<Event> queue = new ConcurrentLinkedQueue<>();
    private final Clock clock;
    private final Loops loops;
    private final String group;
    private final RunRegistry runs;
    private final TransitionNotifier announcer;
    private final SupervisorState ledger;
    private final SupervisorCore core;
    private final Snapshots snapshots;
    private final Loops.Loop loop;

    /**
     * @param childThreads makes the thread of each run; platform or virtual
     * @param clock for the instants that people see
     * @param loops where the supervisor's own loop runs, by the monotonic clock of every decision
     */
    public LocalSupervisor(
            SupervisorFlags flags,
            RunEnvironment environment,
            SupervisionListener listener,
            ThreadFactory childThreads,
            Clock clock,
            Loops loops) {
        this.clock = clock;
        this.loops = loops;
        this.group = environment.group();
        this.runs = new RunRegistry(environment, childThreads, this::post);
        this.announcer = new TransitionNotifier(group, listener, environment::later);
        this.ledger = new SupervisorState(flags, now());
        this.core = new SupervisorCore(ledger);
        this.snapshots = new Snapshots(ledger);
        this.loop = loops.create(group + "/supervisor", this::step, this::step);
        loop.start();
    }

    /**
     * Starts children in the given order, each after its predecessor's init returned or failed (semantics row A11).
     * Under one_for_one a slow init is waited for no longer than the stop-bound; then the next child is started all the
     * same.
     *
     * <p>A launch is ignored if its child is up, or if its token is not greater than every one used for that id before.
     * One for a child that was told to end and has not is carried out when it has.
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
     * Tells all children to end: in reverse start order, within one_for_one in parallel (semantics row A40).
     * {@code stopped} follows for every known child.
     */
    public void stopAll(StopReason reason) {
        post(new Event.StopAll(reason));
    }

    /** Which tokens are used up, here and by whoever launches children here. */
    public TokenLedger tokens() {
        return ledger.tokens();
    }

    /** Whether its children do not depend on each other. */
    public boolean isOneForOne() {
        return ledger.flags.strategy() == Strategy.ONE_FOR_ONE;
    }

    /** Forgets a child that is DOWN, COMPLETED or waiting for a restart. */
    public void forget(String childId) {
        post(new Event.Forget(childId));
    }

    /**
     * Has a delayed restart wait for so long from now on, unless the child has another token by now or waits no more.
     */
    public void postpone(String childId, long token, Duration delay) {
        post(new Event.Postpone(childId, token, delay));
    }

    /**
     * Signals every run to end because the permission ended: flags and interrupts, from any thread, without locks.
     * Restarts that wait are dropped. {@code stopped(PERMISSION_LOST)} follows for each, {@code stuck} after the
     * stop-bound.
     *
     * @param sparingContinue whether children with {@code onOutage = CONTINUE} run on
     */
    public void revoke(boolean sparingContinue) {
        long at = loops.nanoTime();
        runs.tellAll(StopReason.PERMISSION_LOST, sparingContinue);
        post(new Event.Revoked(sparingContinue, at));
    }

    /** After {@code gaveUp}: clears the restart history and accepts starts again. */
    public void reset() {
        post(new Event.Reset());
    }

    /**
     * Calls back, on the supervisor's thread, when everything that was asked for before has been carried out or
     * refused.
     */
    public void afterCarriedOut(Runnable callback) {
        post(new Event.Barrier(callback));
    }

    /**
     * Whether the calling thread is the child's own run, which would wait for itself if it waited for the child's start
     * or end.
     */
    public boolean isRunByThisThread(String childId) {
        return runs.isRunByThisThread(childId);
    }

    /**
     * Whether the calling thread is the child's own run before its init has returned, which would wait for itself if it
     * waited for the child's start.
     */
    public boolean isInitOfThisThread(String childId) {
        return runs.isInitOfThisThread(childId);
    }

    /** The known children in start order, each as of its last transition. */
    public Map<String, LocalChild> children() {
        return snapshots.at(loops.nanoTime());
    }

    /** What the known children are doing, in no order and each as of when it is looked at. */
    public Stream<LocalChild.Status> statuses() {
        return ledger.statuses();
    }

    /** Of these children those that are known, each as of its last transition; however many others there are. */
    public Map<String, LocalChild> children(Set<String> childIds) {
        return snapshots.at(loops.nanoTime(), childIds);
    }

    /**
     * Children whose last transition the listener is only about to be told of. One that is not among them, asked for
     * after {@link #children}, was seen there as the listener knows it, or as it was before.
     */
    public Set<String> unannounced() {
        return ledger.unannounced();
    }

    /**
     * Ends the supervisor's own loop. Children must have been stopped; any that were not are told now, and nobody waits
     * for them.
     */
    @Override
    public void close() {
        if (runs.count() > 0) {
            log.warn("[{}] closed while {} children have not ended; they are told to", group, runs.count());
            runs.tellAll(StopReason.LEAVING, false);
        }
        loop.close();
    }

    private void post(Event event) {
        queue.add(event);
        loop.wake();
    }

    private Moment now() {
        return new Moment(loops.nanoTime(), clock.instant());
    }

    /**
     * Handles what has come and what is due. Returns how many nanoseconds there will be nothing to do unless something
     * comes.
     */
    private long step() {
        try {
            Moment taken = now();
            List<Event> events = new ArrayList<>();
            for (Event next = queue.poll(); next != null; next = queue.poll()) {
                events.add(next);
            }
            events.forEach(event -> handle(event, now()));
            // As of when the events were taken: a run that had ended in time by then was among them, and is not
            // called stuck.
            handle(new Event.Tick(), taken);
            Long wakeup = core.nextWakeup();
            return wakeup == null ? Long.MAX_VALUE : Math.max(0, wakeup - loops.nanoTime());
        } catch (Throwable unexpected) {
            report(unexpected);
            return 0;
        }
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
            } else if (effect instanceof Effect.AskProgress ask) {
                runs.askProgress(ask.childId(), ask.token());
            } else if (effect instanceof Effect.InterruptRun interrupt) {
                runs.force(interrupt.childId(), interrupt.token());
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
