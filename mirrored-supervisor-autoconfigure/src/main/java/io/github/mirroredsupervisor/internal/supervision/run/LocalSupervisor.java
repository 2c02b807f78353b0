package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.internal.supervision.Child;
import io.github.mirroredsupervisor.internal.supervision.Effect;
import io.github.mirroredsupervisor.internal.supervision.Event;
import io.github.mirroredsupervisor.internal.supervision.Launch;
import io.github.mirroredsupervisor.internal.supervision.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.Moment;
import io.github.mirroredsupervisor.internal.supervision.StopReason;
import io.github.mirroredsupervisor.internal.supervision.Strategy;
import io.github.mirroredsupervisor.internal.supervision.SupervisionListener;
import io.github.mirroredsupervisor.internal.supervision.SupervisorCore;
import io.github.mirroredsupervisor.internal.supervision.SupervisorFlags;
import io.github.mirroredsupervisor.internal.supervision.SupervisorState;
import io.github.mirroredsupervisor.internal.supervision.TokenLedger;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One OTP supervisor for the children of one group on this peer. {@link SupervisorCore} describes the algorithm. This
 * class passes one event after the other to the core and carries the effects out. It never runs the application's code
 * and never waits.
 *
 * <p>Confined to the loop that drives it, except for methods documented otherwise. Runs report from their own threads
 * to the mailbox of that loop, which passes the reports to {@link #on}.
 */
public final class LocalSupervisor {

    private static final Logger log = LoggerFactory.getLogger(LocalSupervisor.class);

    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Consumer<Event> mailbox;
    private final String group;
    private final RunRegistry runs;
    private final Effect.Performer performer;
    private final SupervisorState ledger;
    private final SupervisorCore core;

    /** Events that the listener triggered while another event is handled. */
    private final Queue<Event> next = new ArrayDeque<>();

    private boolean busy;

    /**
     * Creates a supervisor without children.
     *
     * @param listener receives every transition, within the call that causes it; its own calls to this supervisor are
     *     handled after the current event
     * @param childThreads creates the thread of each run; platform or virtual
     * @param clock for displayed instants
     * @param nanoTime the monotonic clock, used for every decision
     * @param mailbox passes events from any thread to the loop that drives this supervisor
     */
    public LocalSupervisor(
            SupervisorFlags flags,
            RunEnvironment environment,
            SupervisionListener listener,
            ThreadFactory childThreads,
            Clock clock,
            LongSupplier nanoTime,
            Consumer<Event> mailbox) {
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.mailbox = mailbox;
        this.group = environment.group();
        this.runs = new RunRegistry(environment, childThreads, mailbox);
        this.performer = new EffectPerformer(runs, new TransitionLog(group, environment::later), listener);
        this.ledger = new SupervisorState(flags, now());
        this.core = new SupervisorCore(ledger);
    }

    /**
     * Starts children in the given order, each after its predecessor's init returned or failed (semantics row A11).
     * Under one_for_one the next child starts after the stop-bound even if the init has not returned.
     *
     * <p>A launch is ignored if its child is up, or if its token is not greater than every token used for that id
     * before. A launch for a stopping child is carried out when the child has ended.
     */
    public void start(List<Launch> batch) {
        on(new Event.Start(List.copyOf(batch)));
    }

    /**
     * Answers {@link SupervisionListener#tokenNeeded}: restarts the child under this token. Ignored if the child no
     * longer awaits a token.
     */
    public void granted(String childId, long token) {
        on(new Event.Granted(childId, token));
    }

    /** Answers {@link SupervisionListener#tokenNeeded}: this peer no longer owns the child. Forgets it. */
    public void refused(String childId) {
        on(new Event.Refused(childId));
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
        long at = nanoTime.getAsLong();
        runs.tellAll(StopReason.PERMISSION_LOST, sparingContinue);
        mailbox.accept(new Event.Revoked(sparingContinue, at));
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
        return ledger.restartsInWindow(nanoTime.getAsLong());
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
        return new Moment(nanoTime.getAsLong(), clock.instant());
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
        if (busy) {
            next.add(event);
            return;
        }
        busy = true;
        try {
            handle(event, now);
            for (Event more = next.poll(); more != null; more = next.poll()) {
                handle(more, now());
            }
        } finally {
            busy = false;
        }
    }

    private void handle(Event event, Moment now) {
        try {
            core.on(event, now).forEach(this::perform);
        } catch (Throwable unexpected) {
            report(unexpected);
        }
    }

    private void perform(Effect effect) {
        try {
            effect.perform(performer);
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
