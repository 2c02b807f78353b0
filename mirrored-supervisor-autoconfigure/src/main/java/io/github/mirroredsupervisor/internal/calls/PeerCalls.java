package io.github.mirroredsupervisor.internal.calls;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerNotJoinedException;
import io.github.mirroredsupervisor.internal.lease.PeerState;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The calls of one peer's groups, from its start to its stop. Thread-safe. */
public final class PeerCalls {

    private final PeerState peer;

    /** By the name of their group; null before this peer has joined. */
    private volatile @Nullable Map<String, GroupCalls> groups;

    private volatile boolean running;

    private PeerCalls(PeerState peer, boolean running) {
        this.peer = peer;
        this.running = running;
    }

    /** Of a peer that starts. */
    public static PeerCalls starting(PeerState peer) {
        return new PeerCalls(peer, true);
    }

    /** Of a peer that was not started. */
    public static PeerCalls notRunning(PeerState peer) {
        return new PeerCalls(peer, false);
    }

    /** The peer has joined. */
    public void open(Map<String, GroupCalls> calls) {
        groups = Map.copyOf(calls);
    }

    /** The peer has left, or will never join. */
    public void close() {
        running = false;
    }

    public PeerId self() {
        return peer.incarnation().id();
    }

    /**
     * The calls of a group.
     *
     * @throws PeerNotJoinedException before the peer has joined, and after it has left
     */
    GroupCalls group(String group) {
        if (!running) {
            throw new PeerNotJoinedException("This peer is not running: group '" + group + "' cannot be asked here");
        }
        Map<String, GroupCalls> present = groups;
        GroupCalls calls = present == null ? null : present.get(group);
        if (calls == null) {
            RuntimeException last = peer.joinFailure();
            throw new PeerNotJoinedException("This peer has not joined yet: group '" + group + "' cannot be asked"
                    + (last == null ? "" : ". The last reason: " + last.getMessage()));
        }
        return calls;
    }
}
