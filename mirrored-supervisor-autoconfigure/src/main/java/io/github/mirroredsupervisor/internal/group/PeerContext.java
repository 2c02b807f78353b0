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

/** What a member needs of its peer. Thread-safe. */
public interface PeerContext {

    /** The present incarnation; also while it is not joined yet or any more. */
    Incarnation incarnation();

    PeerSettings settings();

    /** The lane of ownership: nothing that may take long, and nothing that only people wait for. */
    StoreWorker work();

    /** The lane of what people and monitors ask. */
    StoreWorker reads();

    Platform machine();

    /** Whether children may be started now: joined, permission valid, not leaving. */
    boolean mayStart();

    /** Whether this peer is a member now. */
    boolean isJoined();

    /** Whether this peer leaves or has left: it does not start children any more. */
    boolean isLeaving();

    void publish(SupervisorEvent event);

    /** Runs something, such as logging, where it holds up nothing but later events. */
    void later(Runnable task);

    /** On a group's loop: the leave of this peer has come further in that group. */
    void leaveAdvanced();

    /** What this process remembers of tokens, whatever the database does. */
    HighestToken highestToken();

    /**
     * The database has taken back what it had said (protocol rule 11b): this incarnation ends. Any thread; told of
     * once.
     */
    void wentBack(String contradiction);

    /** A child of this peer does not end; the process may have to. */
    void stuck(String childId);

    /** The wall clock, for people. */
    Instant now();

    /**
     * How long ago a dead peer was last seen alive, by this peer's own observation; null if this peer did not watch it
     * die.
     */
    @Nullable
    Duration sinceLastSeen(PeerId peer);
}
