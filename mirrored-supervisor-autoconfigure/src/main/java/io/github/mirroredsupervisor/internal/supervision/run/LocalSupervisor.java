package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.internal.platform.Mailbox;
import io.github.mirroredsupervisor.internal.platform.Ticker;
import io.github.mirroredsupervisor.internal.supervision.Child;
import io.github.mirroredsupervisor.internal.supervision.Effect;
import io.github.mirroredsupervisor.internal.supervision.Effect.Notice;
import io.github.mirroredsupervisor.internal.supervision.Effect.Order;
import io.github.mirroredsupervisor.internal.supervision.Event;
import io.github.mirroredsupervisor.internal.supervision.SupervisorCore;
import io.github.mirroredsupervisor.internal.supervision.SupervisorState;
import io.github.mirroredsupervisor.internal.supervision.TokenLedger;
import io.github.mirroredsupervisor.internal.supervision.values.Launch;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.values.Moment;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.internal.supervision.values.SupervisorFlags;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One OTP supervisor for the children of one group on this peer. {@link SupervisorCore} describes the algorithm. This
 * class passes one event after the other to the core and carries the effects out: those on runs at once; the notices
 * are kept for whoever drives it, who takes them by {@link #nextNotice}. It never runs the application's code and never
 * waits.
 *
 * <p>Confined to the loop that drives it, except for methods documented otherwise. Runs report from their own threads
 * to the mailbox of that loop, which passes the reports to {@link #on}.
 */
public final class LocalSupervisor {

    private static final Logger log = LoggerFactory.getLogger(LocalSupervisor.class);

    private final Clock clock;
    private final Ticker ticker;
    private final Mailbox<Event> mailbox;
    private final String group;
    private final RunRegistry runs;
    private final TransitionLog transitions;
    private final SupervisorState ledger;
    private final SupervisorCore core;

    private final Queue<Notice> notices = new ArrayDeque<>();

    /**
     * Creates a supervisor without children.
     *
     * @param childThreads creates the thread of each run; platform or virtual
     * @param clock for displayed instants
     * @param ticker used for every decision
     * @param mailbox of the loop that drives this supervisor, which passes its events to {@link #on}
     */
    public LocalSupervisor(
            SupervisorFlags flags,
            RunEnvironment environment,
            ThreadFactory childThreads,
            Clock clock,
            Ticker ticker,
            Mailbox<Event> mailbox) {
        this.clock = clock;
        this.ticker = ticker;
        this.mailbox = mailbox;
        this.group = environment.group();
        this.runs = new RunRegistry(environment, childThreads, mailbox);
        this.transitions = new TransitionLog(log, group, environment.later());
        this.ledger = new SupervisorState(flags, now());
        this.core = new SupervisorCore(ledger);
    }

    /**
     * Removes and returns the oldest notice that was not taken; null if there is none. Each call of this supervisor may
     * add some.
     */
    public @Nullable Notice nextNotice() {
        return notices.poll();
    }

    /**
     * Starts children in the given order, each after its predecessor's init returned or failed (semantics row A11).
     * Under one_for_one only declared children wait, and no longer than the stop-bound. The others overlap up to a
     * bound, and those whose callers wait begin at once.
     *
     * <p>A launch is ignored if its child is up, or if its token is not greater than every token used for that id
     * before. A launch for a stopping child is carried out when the child has ended.
     */
    public void start(List<Launch> batch) {
        on(new Event.Start(List.copyOf(batch)));
    }

    /**
     * Restarts a child that needs a token ({@link Notice.Kind#TOKEN_NEEDED}) under this one. Ignored if the child no
     * longer awaits a token.
     */
    public void granted(String childId, long token) {
        on(new Event.Granted(childId, token));
    }

    /** Tells a child to end. {@code stopped} follows for every known child, at once if it has no thread. */
    public void stop(String childId, StopReason reason) {
        on(new Event.Stop(childId, reason));
    }

    /**
     * Tells all children to end: in reverse start order, under one_for_one in parallel (semantics row A40).
     * {@code stopped} follows for every known child.
     */
    public void stopAll(StopReason reason) {
        on(new Event.StopAll(reason));
    }

    /** The tokens that are used up. */
    public TokenLedger tokens() {
        return ledger.tokens();
    }

    /** Any thread: whether the children are independent of each other. */
    public boolean isOneForOne() {
        return ledger.flags.strategy() == Strategy.ONE_FOR_ONE;
    }

    /** Forgets a child, unless it is STARTING, RUNNING, STOPPING or STUCK. */
    public void forget(String childId) {
        on(new Event.Forget(childId));
    }

    /** Sets the remaining delay of a delayed start. Does nothing if the child has another token or no longer waits. */
    public void postpone(String childId, long token, Duration delay) {
        on(new Event.Postpone(childId, token, delay));
    }

    /**
     * Any thread: signals every run to end because the permission ended, without locks. Waiting restarts are dropped.
     * {@code stopped(PERMISSION_LOST)} follows for each child, {@code stuck} after the stop-bound.
     *
     * @param sparingContinue whether children with {@code onOutage = CONTINUE} continue to run
     */
    public void revoke(boolean sparingContinue) {
        long at = ticker.nanoTime();
        runs.tellAll(StopReason.PERMISSION_LOST, sparingContinue);
        mailbox.post(new Event.Revoked(sparingContinue, at));
    }

    /** After {@code gaveUp}: clears the restart history and accepts starts again. */
    public void reset() {
        on(new Event.Reset());
    }

    /**
     * Any thread: whether the calling thread is the child's own run. Such a thread must not wait for the child's start
     * or end, because it would wait for itself.
     */
    public boolean isRunByThisThread(String childId) {
        return runs.isRunByThisThread(childId);
    }

    /**
     * Any thread: whether the calling thread is the child's own run and still in its init. Such a thread must not wait
     * for the child's start, because it would wait for itself.
     */
    public boolean isInitOfThisThread(String childId) {
        return runs.isInitOfThisThread(childId);
    }

    /** The known children in start order. */
    public Map<String, LocalChild> children() {
        Map<String, LocalChild> views = new LinkedHashMap<>();
        int inWindow = inWindow();
        ledger.inStartOrder().forEach(child -> views.put(child.id(), child.view(inWindow)));
        return views;
    }

    /** The known ones among these children. The cost does not depend on the number of other children. */
    public Map<String, LocalChild> children(Set<String> childIds) {
        Map<String, LocalChild> views = new LinkedHashMap<>();
        int inWindow = inWindow();
        for (String id : childIds) {
            Child child = ledger.child(id);
            if (child != null) {
                views.put(id, child.view(inWindow));
            }
        }
        return views;
    }

    private int inWindow() {
        return ledger.restartsInWindow(ticker.nanoTime());
    }

    /** The child; null if it is not known. */
    public @Nullable LocalChild child(String childId) {
        return children(Set.of(childId)).get(childId);
    }

    /** The children in this state, in no order. */
    public Set<String> ids(Status status) {
        return ledger.ids(status);
    }

    /** Whether any child runs, or is stopping and not stuck. */
    public boolean isAnyStoppable() {
        for (Status status : Status.values()) {
            if (status.isStoppable() && !ids(status).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** Increases with every change of a child. */
    public long version() {
        return ledger.version();
    }

    /** Handles an event. */
    public void on(Event event) {
        on(event, now());
    }

    /**
     * Lets time pass.
     *
     * @param now when the loop took its last batch of events. A run that ended before this moment was in that batch, so
     *     it is not reported as stuck
     */
    public void passTime(Moment now) {
        on(new Event.Tick(), now);
    }

    /** When, in monotonic nanoseconds, the passing of time alone will have an effect; null for never. */
    public @Nullable Long nextWakeup() {
        return core.nextWakeup();
    }

    public Moment now() {
        return new Moment(ticker.nanoTime(), clock.instant());
    }

    /**
     * Children must have been stopped before. Remaining ones are told to end now, without waiting for them. Any thread.
     */
    public void close() {
        if (runs.count() > 0) {
            log.warn("[{}] closed while {} children have not ended; they are told to", group, runs.count());
            runs.tellAll(StopReason.LEAVING, false);
        }
    }

    private void on(Event event, Moment now) {
        try {
            event.apply(core, now).forEach(this::carryOut);
        } catch (Throwable unexpected) {
            report(unexpected);
        }
    }

    private void carryOut(Effect effect) {
        try {
            if (effect instanceof Order order) {
                runs.carryOut(order);
            } else {
                Notice notice = (Notice) effect; // fails if there is ever a third kind
                notices.add(notice);
                transitions.log(notice);
            }
        } catch (Throwable unexpected) {
            report(unexpected);
        }
    }

    /** Logs the failure and keeps the loop alive: without the loop the children would be unsupervised. */
    private void report(Throwable unexpected) {
        try {
            log.error("[{}] unexpected failure in the supervisor's own code", group, unexpected);
        } catch (Throwable hopeless) {
            // Logging itself has failed.
        }
    }
}
