package io.github.mirroredsupervisor;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One supervisor, mirrored on every application instance that names its group. There is one bean per group; every
 * method may be called from any thread of any peer, also from a child's own init, run and stop.
 *
 * <p>Commands are rows in the database that the child's owner carries out; a call waits for the owner's answer up to
 * the configured call time-out and then throws {@link OwnerTimeoutException}, with the request still standing. Every
 * method may throw {@link StoreUnavailableException} when the database does not answer, {@link StoreRefusedException}
 * when its answer is no, {@link PeerNotJoinedException} while this peer is no member, and {@link NullPointerException}
 * for an argument that is null. A peer that was declared dead joins anew; a call that starts a child waits for that
 * within its time-out.
 *
 * <p>A child that asks for its own end, by {@link #terminateChild}, {@link #removeChild}, {@link #moveChild} or
 * {@link #ensureChild} with another spec, cannot wait for it: the call throws {@link OwnerTimeoutException} at once.
 * The request stands, the child is told to stop and interrupted like any other, and what it asked for is done when its
 * {@code run} has ended. On a thread that is not the run's own the call is not known for the child's: it waits until
 * the child has ended, or for the call time-out. A call that waits is ended by an interrupt, also by that of a stop; it
 * throws the same exception and leaves the thread interrupted.
 */
public interface MirroredSupervisor {

    String group();

    /** This peer's present incarnation. It changes when the peer was declared dead and joined anew. */
    PeerId self();

    /**
     * Starts a new child: on this peer, or, if this one does not know its type or is cordoned, on the earliest member
     * that can run it. A known id is never changed: the result tells what is there (semantics rows A14–A17, B12–B14). A
     * start that fails leaves nothing behind.
     *
     * <p>This and the other commands are no part of a transaction of the caller's: they take effect at once, before its
     * commit, and stay when it is rolled back. Where the child works on what the transaction writes, call this from
     * {@code TransactionSynchronization.afterCommit()} or a {@code @TransactionalEventListener}.
     *
     * @throws InvalidChildSpecException if the spec is malformed or names a type that no live member knows
     * @throws NoCapablePeerException if those that know its type are cordoned or leave
     * @throws ChildStartException if its init failed
     * @throws GroupTerminatedException if the group is terminated
     */
    StartResult startChild(ChildSpec spec);

    /**
     * Makes the group run a child of exactly this spec: starts it if it is new, does nothing if it runs with an equal
     * spec, and otherwise stops it, replaces its spec and starts it. Idempotent: specs are compared as they read once
     * they were stored. A stuck child is replaced when it is given up, which takes up to a lease more than its time to
     * stop.
     *
     * @throws InvalidChildSpecException if the spec is malformed or names a type that no live member knows
     * @throws ChildDeclaredException if the child is declared with {@link MirroredChild} and its definition is another
     * @throws NoCapablePeerException if those that know its type are cordoned or leave
     * @throws ChildStartException if its init failed
     * @throws GroupTerminatedException if the group is terminated
     */
    StartResult ensureChild(ChildSpec spec);

    /**
     * Starts a child that is stopped or complete, on its owner (semantics rows A44, B19). Does not count for the
     * intensity.
     *
     * @throws ChildNotFoundException if there is none of that id
     * @throws ChildRunningException if it runs
     * @throws ChildRestartingException if it waits for its restart
     * @throws NoCapablePeerException if no live member can run it; nothing was changed
     * @throws ChildStartException if its init failed; the child stays stopped
     */
    StartResult restartChild(String childId);

    /**
     * Stops a child and keeps it stopped across failovers and restarts of peers. Idempotent; a temporary child is
     * removed (semantics rows A43, B20). It returns when the child has stopped, or when its time to stop is over and it
     * is {@link Phase#STUCK}.
     *
     * @throws ChildNotFoundException if there is none of that id
     */
    void terminateChild(String childId);

    /**
     * Forgets a child that does not run (semantics row A45): one that is stopped, complete or quarantined, or that
     * nobody can run.
     *
     * @throws ChildNotFoundException if there is none of that id
     * @throws ChildRunningException if it runs
     * @throws ChildRestartingException if it waits for its restart
     */
    void deleteChild(String childId);

    /**
     * Stops and forgets a child; one that is absent is fine. One command, carried out whole also when the call does not
     * wait for it to the end. A stuck child is forgotten when it is given up, which takes up to a lease more than its
     * time to stop.
     */
    void removeChild(String childId);

    /**
     * Stops a child, confirms the stop and hands it over to another member. What does not run moves too, and stays as
     * it is: its target is where it would be restarted.
     *
     * @throws ChildNotFoundException if there is none of that id
     * @throws NoCapablePeerException if the target is not a live member, is cordoned or does not know the child's type
     */
    void moveChild(String childId, PeerId target);

    /** The group's own state, and why it is terminated if it is; by one query (semantics row B47). */
    GroupInfo groupInfo();

    /** All children of the group in start order, by one query, without asking any peer (semantics rows B22–B25). */
    List<ChildInfo> whichChildren();

    /** OTP's count_children over the group, by one query. */
    ChildCounts countChildren();

    /** The stored spec, if there is a child of that id. */
    Optional<ChildSpec> childSpec(String childId);

    /** The members of the group, in the order in which they joined. */
    List<PeerInfo> peers();

    /** From now on the peer takes no new children; those it has stay. Unknown peers are ignored. */
    void cordon(PeerId peer);

    /** Ends {@link #cordon}. */
    void uncordon(PeerId peer);

    /**
     * The same supervisor, whose calls take up to the given time in place of the configured call time-out. This one is
     * not changed; the result is cheap, and as thread-safe.
     *
     * @throws IllegalArgumentException if the time is not positive
     */
    MirroredSupervisor withCallTimeout(Duration callTimeout);

    /**
     * Revives a terminated group: every member starts its children again. Does nothing to a group that is not
     * terminated.
     */
    void restartGroup();
}
