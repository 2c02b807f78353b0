package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.ChildCounts;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.store.GroupRow.Cause;
import io.github.mirroredsupervisor.internal.store.GroupRow.Death;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The work connection: certificates, claims, phases, commands and queries. Used by one thread. Every method is one
 * short READ COMMITTED transaction, bounded by time-outs derived from the lease, and throws
 * {@link io.github.mirroredsupervisor.StoreUnavailableException} when it cannot know its outcome, and
 * {@link io.github.mirroredsupervisor.StoreRefusedException} when the answer was no and nothing was changed. Where one
 * call is about many children of the peer, a refusal costs the children that it is for: they are left out of what the
 * call returns, and are tried again later, less and less often.
 *
 * <p>Of what is committed here others are told afterwards: where a method changes what other members act on, a hint is
 * sent, the group's revision is raised, and the history is written. None of that is part of the change, and none holds
 * up the next call or makes one fail. A hint may be lost, a revision may be raised late or not at all: members find the
 * change with their next full comparison. A new child concerns nobody but its owner, who inserts it.
 */
public interface WorkSession extends AutoCloseable {

    /** How many calls the database has answered, be it with a refusal. */
    long answered();

    // ---- peers
    // -----------------------------------------------------------------------------------------------------------

    /**
     * Writes the peer, its memberships, new groups and new static children. Where there is no other live member, this
     * one's flags count, and the group's children are deleted first if it says so; otherwise those it declares that are
     * complete are to run again. Only there are temporary static children written: they run once in the life of a
     * group. Returns the groups as they stand.
     */
    List<GroupRow> join(JoinRequest request);

    /**
     * A live member that declares children of another origin in the group; see {@link JoinRequest.Membership#origin()}.
     */
    default Optional<Stranger> stranger(String group, PeerId me, String origin) {
        return Optional.empty();
    }

    /**
     * Protocol rule 4: declares the victim dead if {@code me} is alive and the victim has not renewed since
     * {@code last}.
     * Nothing else is in its transaction.
     *
     * @return whether the certificate was written
     */
    boolean certify(PeerId me, PeerId victim, Heartbeat last);

    /** Marks this peer as one that takes no new children because it leaves. */
    void leaving(PeerId me);

    /**
     * Protocol rule 9: LEFT, if it is still ALIVE. Its memberships go; what it could not release stays its own and thus
     * orphaned.
     */
    void leave(PeerId me);

    void cordon(PeerId peer, boolean cordoned);

    // ---- ownership
    // -------------------------------------------------------------------------------------------------------

    /**
     * Protocol rules 5 and 7: where owner and token are still as given, and {@code me} is alive, makes {@code me} the
     * owner under a greater token, phase STARTING. The same statement serves adoption (another owner or none) and
     * restart in place (owner is me).
     *
     * @param specs new stored specs for static children whose definition changed, by child id
     * @return the new token of each child that was granted
     */
    Map<String, Long> grant(
            String group, PeerId me, Collection<OwnedToken> expected, StartCause cause, Map<String, ChildSpec> specs);

    /** Why {@link #grant} left a child out, if the database refused to change its row. */
    default Optional<StoreRefusedException> refusal(String group, String childId) {
        return Optional.empty();
    }

    /**
     * Protocol rule 10: the children of an owner that may run elsewhere as soon as its session is gone. Those that
     * moved in this way within that owner's last lease are left out, so that a flapping session cannot chase them
     * around.
     */
    List<ChildRow> immediate(String group, PeerId owner);

    /**
     * Protocol rule 10: grants children as {@link #grant} does, for {@link StartCause#TAKEN_OVER}, if the row of the
     * peer that held the lock still shows this one.
     *
     * @param lost the lock that was waited for and granted
     * @return the new token of each child that was granted
     */
    Map<String, Long> takeOver(
            String group, PeerId me, Collection<OwnedToken> expected, SessionLock lost, Map<String, ChildSpec> specs);

    /**
     * Protocol rule 8: where owner and token are still as given, hands the children to {@code target}, or to whoever
     * claims it first if null, under a greater token; clears a wish to move.
     *
     * @return the ids of those that were released; the others are as they were, or another peer's
     */
    Set<String> release(String group, Collection<OwnedToken> expected, @Nullable PeerId target);

    /**
     * Keeps an orphan that its owners die of from being claimed, if it is still as it was read, runs by its row, and
     * nobody has done so before. A command releases it.
     *
     * @param reason for people
     * @return whether this call did
     */
    boolean quarantine(String group, OwnedToken expected, String reason);

    /** The id and type of the child of {@link #rehearse}. */
    String REHEARSED = "rehearsal";

    /**
     * Goes through the statements of a hand-over, for a child of a group of its own, and rolls back: the first real one
     * then need not wait for what client and server prepare once per connection.
     *
     * @return the child as {@code me} read it when it had been handed to it
     */
    ChildRow rehearse(PeerId me);

    /**
     * Removes children where owner and token are still as given: temporary ones that ended, and new ones whose start
     * failed.
     *
     * @return the ids whose rows another session keeps locked, or the database refuses to change: nothing was changed
     *     there
     */
    Set<String> remove(String group, Collection<OwnedToken> expected, String reason);

    /**
     * Writes the owner's reports in one round trip; hints to waiting callers if a report answers a revision.
     *
     * @return the ids whose rows another session keeps locked, or the database refuses to change: nothing was written
     *     there
     */
    Set<String> report(String group, PeerId me, Collection<PhaseReport> reports);

    /**
     * Protocol rule 11b: from now on every token that is granted, to whomever, exceeds this one and those of all rows
     * that there are, also when the rows are gone. Lowers nothing.
     *
     * @return a token that is no lower than any that was granted before, unless the database's clock was set back
     */
    long raiseTokens(long above);

    // ---- commands
    // --------------------------------------------------------------------------------------------------------

    /**
     * Inserts a new child that {@code owner} is to start, with a first token, revision 1 and command START; if the id
     * is known, changes nothing and returns null. The row comes back as written.
     */
    @Nullable
    ChildRow insert(String group, ChildSpec spec, PeerId owner);

    /**
     * As {@link #insert} for several children with different ids, in one transaction where the store can.
     *
     * @return the rows of those that are new
     */
    default List<ChildRow> insert(String group, Collection<ChildSpec> specs, PeerId owner) {
        return specs.stream()
                .map(spec -> insert(group, spec, owner))
                .filter(Objects::nonNull)
                .toList();
    }

    /**
     * Inserts children with different ids for whichever live member claims them first, as commands of RESTART, so that
     * a start that fails can be read; those whose ids are known are left as they are. Raises the revision and hints.
     *
     * @return the rows of those that are new
     */
    List<ChildRow> offer(String group, Collection<ChildSpec> specs);

    /**
     * Writes a command: revision + 1, the desired state and, if given, a new spec and owner. Compares the revision, so
     * that a decision made on an older row is not carried out.
     *
     * @return the row as written, or null if it has another revision by now or is gone
     */
    @Nullable
    ChildRow command(
            String group,
            String childId,
            long expectedRevision,
            ChildRow.Command command,
            DesiredState desired,
            @Nullable ChildSpec spec);

    /**
     * Asks the owner to move the child, or withdraws that wish if the target is null; the revision stays.
     *
     * @return false if the revision changed or the row is gone
     */
    boolean requestMove(String group, String childId, long expectedRevision, @Nullable PeerId target);

    /**
     * Deletes a row if its owner, token and revision still are as they were read, and its child does not run: STOPPED,
     * COMPLETED, QUARANTINED, or stopped and STUCK.
     */
    boolean delete(String group, OwnedToken expected, long expectedRevision);

    /** Deletes a child that nobody alive owns, if its owner, token and revision still are as they were read. */
    boolean deleteOrphan(String group, OwnedToken expected, long expectedRevision);

    /** Which of these declared children have no row, though nobody removed them by a call or by their end. */
    Set<String> missing(String group, Collection<String> declared);

    /**
     * Writes the missing ones among a member's declared children anew, without an owner; sends one hint if there are
     * any. Temporary ones are left out: they run once in the life of a group.
     *
     * @param declared all of them, in start order
     * @return the ids of those that were written
     */
    Set<String> declare(String group, List<ChildSpec> declared);

    /** Declared children whose ids are in no live member's declaration, and that nobody has told to be removed. */
    Set<String> undeclared(String group);

    /**
     * Tells those among them that no live member declares now to be removed, which their owner does, or whoever claims
     * them. What somebody keeps locked is left as it is.
     *
     * @return the ids of those that were told
     */
    Set<String> removeUndeclared(String group, Set<String> childIds);

    /**
     * Lets those among removed children be missed again that a live member declares: it joined while they were removed.
     *
     * @return the ids of those for which the store refused it
     */
    Set<String> redeclare(String group, Set<String> childIds);

    /** Has all members compare everything. */
    void touch(String group);

    // ---- groups
    // ----------------------------------------------------------------------------------------------------------

    /** Terminates an active group. Returns whether this call did. */
    boolean terminateGroup(String group, Cause cause, String reason, PeerId by);

    /**
     * Revives a terminated group.
     *
     * @param from the only death to revive it from; null for any
     * @return whether this call did
     */
    boolean reviveGroup(String group, PeerId by, @Nullable Death from);

    /**
     * Writes the row of a group that has none any more, because somebody deleted it; changes nothing if there is one.
     */
    void restoreGroup(String group, GroupRow.Flags flags);

    /**
     * Waits until others were told of everything so far, or the attempt has failed, at most this long.
     *
     * @return false if that took longer
     */
    boolean awaitTold(Duration limit);

    // ---- reading
    // ---------------------------------------------------------------------------------------------------------

    /** For reconciliation: children that {@code me} owns or is to move to it, and orphans. */
    GroupView view(String group, PeerId me);

    /** Some rows, whoever owns them. */
    List<ChildRow> rows(String group, Set<String> childIds);

    /** All rows in start order. */
    List<ChildRow> allRows(String group);

    ChildCounts counts(String group);

    /** Whether a significant child of the group runs or is about to, on any peer (semantics row A51). */
    boolean hasActiveSignificant(String group);

    List<MemberRow> members(String group);

    Optional<GroupRow> group(String group);

    // ---- housekeeping: compare-and-set or idempotent, so that two coordinators are harmless
    // ------------------------------

    /**
     * Deletes DEAD and LEFT peers that own nothing and ended longer ago than this; never an ALIVE one.
     *
     * @param most how many at most: where that many were deleted, there may be more
     * @return how many
     */
    int purgePeers(Duration olderThan, int most);

    /**
     * Deletes history older than this, the oldest first.
     *
     * @param most how many rows at most: where that many were deleted, there may be more
     * @return how many rows
     */
    int purgeHistory(Duration olderThan, int most);

    /** Nothing is to be done for a while: closes the connection until the next call. */
    default void rest() {}

    @Override
    void close();
}
