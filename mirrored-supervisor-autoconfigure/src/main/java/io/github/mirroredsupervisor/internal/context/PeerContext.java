package io.github.mirroredsupervisor.internal.context;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.internal.lease.Incarnation;
import io.github.mirroredsupervisor.internal.lease.OnStuckChild;
import io.github.mirroredsupervisor.internal.lease.PeerSettings;
import io.github.mirroredsupervisor.internal.lease.PeerState;
import io.github.mirroredsupervisor.internal.platform.EventPublisher;
import io.github.mirroredsupervisor.internal.platform.Platform;
import io.github.mirroredsupervisor.internal.store.StoreWorker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all parts of a peer share. Thread-safe.
 *
 * @param work the worker for ownership. It takes no tasks that may take long, and none that only people wait for
 * @param reads the worker for queries of people and monitors
 * @param clock the wall clock, for people
 * @param highestToken the greatest token that this process has seen, independently of the database
 */
public record PeerContext(
        PeerSettings settings,
        PeerState state,
        StoreWorker work,
        StoreWorker reads,
        Platform machine,
        EventPublisher events,
        Clock clock,
        HighestToken highestToken) {

    private static final Logger log = LoggerFactory.getLogger(PeerContext.class);

    /** How long the log may take before the process is halted. */
    private static final Duration LAST_WORDS = Duration.ofMillis(200);

    /** The same peer, whose events nobody hears, and whose children never end the process. */
    public PeerContext unheard() {
        return new PeerContext(
                settings.reportingStuckChildren(),
                state,
                work,
                reads,
                machine,
                EventPublisher.unheard(machine),
                clock,
                highestToken);
    }

    /** The present incarnation, even if it has not joined yet or is no longer joined. */
    public Incarnation incarnation() {
        return state.incarnation();
    }

    /** Whether children may be started now: joined, permission valid, no doubt about tokens, not leaving. */
    public boolean mayStart() {
        return state.mayStart(machine.nanoTime());
    }

    /** Whether this peer is a member now. */
    public boolean isJoined() {
        return state.isJoined();
    }

    /** Whether this peer leaves or has left: it does not start children any more. */
    public boolean isLeaving() {
        return state.isLeaving();
    }

    public void publish(SupervisorEvent event) {
        events.publish(event);
    }

    /** Runs a task, such as logging, where it delays only later events. */
    public void later(Runnable task) {
        events.execute(task);
    }

    /** Runs tasks, such as logging, where they delay only later events. */
    public Executor later() {
        return events;
    }

    /**
     * The database contradicts an earlier answer (protocol rule 11b): this incarnation ends, within this call, if it is
     * a member. Any thread; acted on once.
     */
    public void wentBack(String contradiction) {
        Incarnation me = state.member();
        if (me != null) {
            me.contradicted().complete(contradiction);
        }
    }

    /** A child of this peer does not end. The process may be halted. */
    public void stuck(String childId) {
        if (settings.onStuckChild() == OnStuckChild.HALT) {
            later(() -> log.error("Child '{}' does not end when it is told to: this process is halted", childId));
            events.awaitDelivered(LAST_WORDS); // an appender that hangs does not keep the process alive
            machine.halt(OnStuckChild.EXIT_STATUS);
        }
    }

    public Instant now() {
        return clock.instant();
    }

    /**
     * How long ago a dead peer was last seen alive, by this peer's own observation; null if this peer did not observe
     * its death.
     */
    public @Nullable Duration sinceLastSeen(PeerId peer) {
        return state.sinceLastSeen(peer, machine.nanoTime());
    }
}
