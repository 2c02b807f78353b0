package io.github.mirroredsupervisor.internal.lease;

import io.github.mirroredsupervisor.PeerId;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What decides whether this peer may start children now: its incarnation and that one's permission, whether it is a
 * member, whether it leaves, and whether new tokens certainly exceed all earlier ones. Each part of the peer writes
 * what it knows; any thread reads. Thread-safe.
 */
public final class PeerState {

    private volatile Incarnation incarnation;
    private volatile boolean joined;
    private volatile boolean leaving;
    private volatile boolean left;
    private volatile @Nullable RuntimeException joinFailure;
    private final AtomicLong tokenDoubts = new AtomicLong();
    private volatile long settledDoubts;
    private final CompletableFuture<Void> firstRenewal = new CompletableFuture<>();
    private final Map<PeerId, Long> lastSeen = new ConcurrentHashMap<>();

    /** A peer that has not joined. */
    public PeerState(Incarnation first) {
        this.incarnation = first;
    }

    /** Whether children may be started now (protocol rule 7). */
    public boolean mayStart(long now) {
        return joined
                && !leaving
                && areTokensTrusted()
                && incarnation.permission().valid(now);
    }

    /** The present incarnation, or the one that this peer is about to join as. */
    public Incarnation incarnation() {
        return incarnation;
    }

    /** The incarnation that is a member now; null if there is none. */
    public @Nullable Incarnation member() {
        return joined ? incarnation : null;
    }

    /** This peer joins next as this incarnation. */
    public void joinsAs(Incarnation next) {
        incarnation = next;
    }

    public boolean isJoined() {
        return joined;
    }

    public void joined() {
        joined = true;
    }

    /** No member any more, for whatever reason. */
    public void ended() {
        joined = false;
    }

    /** Whether this peer leaves or has left. */
    public boolean isLeaving() {
        return leaving;
    }

    public void leaves() {
        leaving = true;
    }

    /** Whether LEFT is written, or being written. */
    public boolean hasLeft() {
        return left;
    }

    public void left() {
        left = true;
    }

    /** Why the last try to join failed; null if it did not. */
    public @Nullable RuntimeException joinFailure() {
        return joinFailure;
    }

    public void joinFailed(@Nullable RuntimeException failure) {
        joinFailure = failure;
    }

    /** Completes with the first renewal after the join. */
    public CompletableFuture<Void> firstRenewal() {
        return firstRenewal;
    }

    // ---- protocol rule 11b

    /** Tokens may have been lost. Until that is settled, no token is granted to this peer. */
    public void doubtTokens() {
        tokenDoubts.incrementAndGet();
    }

    /** The number of doubts so far. */
    public long tokenDoubts() {
        return tokenDoubts.get();
    }

    /** New tokens exceed those that were in doubt when there were this many doubts. */
    public void trustTokens(long doubts) {
        settledDoubts = doubts;
    }

    public boolean areTokensTrusted() {
        return tokenDoubts.get() == settledDoubts;
    }

    // ---- other peers

    /** A peer is declared dead that was last seen at this time. */
    public void lastSeen(PeerId peer, long at) {
        lastSeen.put(peer, at);
    }

    /** How long ago a dead peer was last seen; null if this peer did not observe its death. */
    public @Nullable Duration sinceLastSeen(PeerId peer, long now) {
        Long at = lastSeen.get(peer);
        return at == null ? null : Duration.ofNanos(now - at);
    }
}
