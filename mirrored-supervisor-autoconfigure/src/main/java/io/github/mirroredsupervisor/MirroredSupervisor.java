package io.github.mirroredsupervisor;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One supervisor, mirrored on every application instance that names its group. There is one bean per group.
 * Thread-safe: every method may be called from any thread of any peer, also from a child's own init and run and while
 * it stops.
 *
 * <p>A command is stored in the database, and the child's owner carries it out. A call waits for the owner's answer up
 * to the configured call time-out and then throws {@link OwnerTimeoutException}; the request stays in the database and
 * is still carried out. Every method may throw {@link StoreUnavailableException} when the database does not answer,
 * {@link StoreRefusedException} when the database refuses, {@link PeerNotJoinedException} while this peer is not a
 * member, and {@link NullPointerException} for an argument that is null. A peer that was declared dead joins again; a
 * call that starts a child waits for that within its time-out.
 *
 * <p>A child that requests its own end, by {@link #terminateChild}, {@link #removeChild}, {@link #moveChild} or
 * {@link #ensureChild} with another spec, cannot wait for it: the call throws {@link OwnerTimeoutException} at once.
 * The request is kept, the child is told to stop and interrupted like any other, and the request is carried out when
 * its {@code run} has ended. On any other thread the supervisor cannot know that the call comes from the child: the
 * call waits until the child has ended, or for the call time-out. An interrupt ends a waiting call, also the interrupt
 * of a stop: the call throws the same exception and leaves the thread interrupted.
 */
public interface MirroredSupervisor {

    String group();

    /** This peer's present incarnation. It changes when the peer is declared dead and joins again. */
    PeerId self();

    /**
     * Starts a new child on this peer, or, if this peer does not know its type or is cordoned, on the earliest member
     * that can run it. A child that exists under this id is not changed: the result describes it (semantics rows
     * A14–A17, B12–B14). A start that fails leaves nothing behind.
     *
     * <p>This and the other commands are not part of the caller's transaction: they take effect at once, before its
     * commit, and are not undone by its rollback. If the child needs data that the transaction writes, call this method
     * from {@code TransactionSynchronization.afterCommit()} or a {@code @TransactionalEventListener}.
     *
     * @throws InvalidChildSpecException if the spec is malformed, is significant in a group that never shuts down by
     *     itself, or names a type that no live member knows
     * @throws NoCapablePeerException if those that know its type are cordoned or leave
     * @throws ChildStartException if its init failed
     * @throws GroupTerminatedException if the group is terminated
     */
    StartResult startChild(ChildSpec spec);

    /**
     * Makes the group run a child of exactly this spec: starts it if it is new, does nothing if it runs with an equal
     * spec, and otherwise stops it, replaces its spec and starts it. Idempotent: specs are compared in their stored
     * form. A stuck child is replaced when the supervisor gives it up, which takes its shutdown time plus up to one
     * lease.
     *
     * @throws InvalidChildSpecException if the spec is malformed, is significant in a group that never shuts down by
     *     itself, or names a type that no live member knows
     * @throws ChildDeclaredException if the child is declared with {@link MirroredChild} and this definition differs
     * @throws NoCapablePeerException if those that know its type are cordoned or leave
     * @throws ChildStartException if its init failed
     * @throws GroupTerminatedException if the group is terminated
     */
    StartResult ensureChild(ChildSpec spec);

    /**
     * Starts a child that is stopped, complete or quarantined, on its owner (semantics rows A44, B19). Does not count
     * towards the intensity.
     *
     * @throws ChildNotFoundException if there is none of that id
     * @throws ChildRunningException if it runs
     * @throws ChildRestartingException if it waits for its restart
     * @throws NoCapablePeerException if no live member can run it; nothing was changed
     * @throws ChildStartException if its init failed; the child stays stopped
     * @throws GroupTerminatedException if the group is terminated
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
     * Deletes a child that does not run (semantics row A45): one that is stopped, complete or quarantined, or that no
     * live peer can run.
     *
     * @throws ChildNotFoundException if there is none of that id
     * @throws ChildRunningException if it runs
     * @throws ChildRestartingException if it waits for its restart
     */
    void deleteChild(String childId);

    /**
     * Stops and deletes a child; does nothing if there is none of that id. It is one command, which is carried out
     * completely even if the call times out. A stuck child is deleted when the supervisor gives it up, which takes its
     * shutdown time plus up to one lease.
     */
    void removeChild(String childId);

    /**
     * Stops a child, confirms the stop and hands it over to another member. A child that does not run moves too and
     * stays stopped: a later restart happens on the target.
     *
     * @throws ChildNotFoundException if there is none of that id
     * @throws NoCapablePeerException if the target is not a live member, is cordoned or does not know the child's type
     * @throws GroupTerminatedException if the group is terminated
     */
    void moveChild(String childId, PeerId target);

    /** The group's state, and why it is terminated if it is; by one query (semantics row B47). */
    GroupInfo groupInfo();

    /** All children of the group in start order, by one query, without asking any peer (semantics rows B22–B25). */
    List<ChildInfo> whichChildren();

    /** OTP's count_children over the group, by one query. */
    ChildCounts countChildren();

    /** The stored spec; empty if there is no child of that id. */
    Optional<ChildSpec> childSpec(String childId);

    /** The members of the group, in the order in which they joined. */
    List<PeerInfo> peers();

    /** From now on the peer takes no new children; the children that it has stay. Unknown peers are ignored. */
    void cordon(PeerId peer);

    /** Lets the peer take new children again, after {@link #cordon}. Unknown peers are ignored. */
    void uncordon(PeerId peer);

    /**
     * Returns the same supervisor with the given call time-out in place of the configured one. This object is not
     * changed; the result is cheap to create and thread-safe.
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
