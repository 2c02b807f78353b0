package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.internal.lease.Incarnation;
import io.github.mirroredsupervisor.internal.lease.PeerSettings;
import io.github.mirroredsupervisor.internal.platform.Platform;
import io.github.mirroredsupervisor.internal.store.StoreWorker;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a member needs from its peer. Thread-safe. */
public interface PeerContext {

    /** The present incarnation, even if it has not joined yet or is no longer joined. */
    Incarnation incarnation();

    PeerSettings settings();

    /** The worker for ownership. It takes no tasks that may take long, and none that only people wait for. */
    StoreWorker work();

    /** The worker for queries of people and monitors. */
    StoreWorker reads();

    Platform machine();

    /** Whether children may be started now: joined, permission valid, no doubt about tokens, not leaving. */
    boolean mayStart();

    /** Whether this peer is a member now. */
    boolean isJoined();

    /** Whether this peer leaves or has left: it does not start children any more. */
    boolean isLeaving();

    void publish(SupervisorEvent event);

    /** Runs a task, such as logging, where it delays only later events. */
    void later(Runnable task);

    /** Called on a group's loop: the leave of this peer has advanced in that group. */
    void leaveAdvanced();

    /** The greatest token that this process has seen, independently of the database. */
    HighestToken highestToken();

    /**
     * The database contradicts an earlier answer (protocol rule 11b): this incarnation ends. Any thread; reported once.
     */
    void wentBack(String contradiction);

    /** A child of this peer does not end. The process may be halted. */
    void stuck(String childId);

    /** The wall clock, for people. */
    Instant now();

    /**
     * How long ago a dead peer was last seen alive, by this peer's own observation; null if this peer did not observe
     * its death.
     */
    @Nullable
    Duration sinceLastSeen(PeerId peer);
}
