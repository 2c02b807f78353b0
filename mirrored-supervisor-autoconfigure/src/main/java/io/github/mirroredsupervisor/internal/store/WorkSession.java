package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.ChildCounts;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Cause;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Death;
import io.github.mirroredsupervisor.internal.store.rows.GroupView;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import io.github.mirroredsupervisor.internal.store.rows.Stranger;
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
 * short READ COMMITTED transaction, bounded by time-outs derived from the lease. It throws
 * {@link io.github.mirroredsupervisor.StoreUnavailableException} if the outcome is unknown, and
 * {@link io.github.mirroredsupervisor.StoreRefusedException} if the server refused and nothing was changed. In a call
 * for many children of the peer, a refusal affects only the refused children: they are left out of the result, and are
 * retried later with growing pauses.
 *
 * <p>Changes are announced after their commit: if a method changes something that other members act on, a hint is
 * sent to those that it concerns, the group's revision is raised, and the history is written. These steps are not
 * part of the change, and neither delay the next call nor make a call fail. A hint may be lost, and a revision may
 * be raised late or not at all: members find the change with their next full comparison. The insertion of a new
 * child is not announced, because only its owner acts on it, and the owner itself inserts it.
 */
public interface WorkSession extends AutoCloseable {

    /** How many calls the database has answered, including refusals. */
    long answered();

    // ---- peers
    // -----------------------------------------------------------------------------------------------------------

    /**
     * Writes the peer, its memberships, new groups and new static children. If there is no other live member, this
     * member's flags count, and, depending on its settings, the group's children are deleted first or its declared
     * complete children run again. Only in that case are temporary static children written: they run once in the life
     * of a group. Returns the groups as stored.
     */
    List<GroupRow> join(JoinRequest request);

    /**
     * Finds a live member that declares children of another origin in the group; see
     * {@link JoinRequest.Membership#origin()}.
     */
    default Optional<Stranger> stranger(String group, PeerId me, String origin) {
        return Optional.empty();
    }

    /**
     * Protocol rule 4: declares the victim dead if {@code me} is alive and the victim has not renewed since
     * {@code last}. Its transaction contains nothing else.
     *
     * @return whether the certificate was written
     */
    boolean certify(PeerId me, PeerId victim, Heartbeat last);

    /** Marks this peer as leaving: it takes no new children. */
    void leaving(PeerId me);

    /**
     * Protocol rule 9: sets this peer to LEFT if it is still ALIVE. Deletes its memberships. Children that it could not
     * release keep it as their owner and are thus orphans.
     */
    void leave(PeerId me);

    void cordon(PeerId peer, boolean cordoned);

    // ---- ownership
    // -------------------------------------------------------------------------------------------------------

    /**
     * Protocol rules 5 and 7: if owner and token are still as given and {@code me} is alive, makes {@code me} the owner
     * under a greater token, phase STARTING. The same statement serves adoption (another owner or none) and restart in
     * place (owner is {@code me}).
     *
     * @param specs new stored specs for static children whose definition changed, by child id
     * @return the new token of each granted child
     */
    Map<String, Long> grant(
            String group, PeerId me, Collection<OwnedToken> expected, StartCause cause, Map<String, ChildSpec> specs);

    /** Why {@link #grant} left a child out, if the database refused to change its row. */
    default Optional<StoreRefusedException> refusal(String group, String childId) {
        return Optional.empty();
    }

    /**
     * Protocol rule 10: the owner's children that may run elsewhere as soon as its session is gone. Children that
     * already moved in this way within the owner's last lease are left out, so that an unstable session does not move
     * them repeatedly.
     */
    List<ChildRow> immediate(String group, PeerId owner);

    /**
     * Protocol rule 10: grants children like {@link #grant}, for {@link StartCause#TAKEN_OVER}, if the row of the peer
     * that held the lock still contains this lock.
     *
     * @param lost the lock that was waited for and granted
     * @return the new token of each granted child
     */
    Map<String, Long> takeOver(
            String group, PeerId me, Collection<OwnedToken> expected, SessionLock lost, Map<String, ChildSpec> specs);

    /**
     * Protocol rule 8: if owner and token are still as given, hands the children to {@code target} under a greater
     * token. If it is null, or takes no children any more (dead, left, leaving or cordoned), hands them to the peer
     * that claims them first. Clears a requested move.
     *
     * @return the ids of the released children; the others are unchanged, or belong to another peer
     */
    Set<String> release(String group, Collection<OwnedToken> expected, @Nullable PeerId target);

    /**
     * Quarantines an orphan that kills its owners, so that no peer claims it. Does nothing if owner or token have
     * changed, or the phase is neither STARTING nor RUNNING. A command releases it.
     *
     * @param reason text for display
     * @return whether this call quarantined it
     */
    boolean quarantine(String group, OwnedToken expected, String reason);

    /** The id and type of the child of {@link #rehearse}. */
    String REHEARSED = "rehearsal";

    /**
     * Runs the statements of a hand-over for a child of a separate group, and rolls back. So the first real hand-over
     * does not wait for the one-time preparations of client and server.
     *
     * @return the child as {@code me} reads it after the hand-over
     */
    ChildRow rehearse(PeerId me);

    /**
     * Removes children whose owner and token are still as given: ended temporary ones, and new ones whose start failed.
     *
     * @return the ids of rows that another session keeps locked or the database refuses to change; these are unchanged
     */
    Set<String> remove(String group, Collection<OwnedToken> expected, String reason);

    /**
     * Writes the owner's reports. If a report answers a revision, sends a hint to the peers that asked for it, as far
     * as this one has heard of them.
     *
     * @param awaited the children whose rows are to be returned, where their reports are written
     */
    Reported report(String group, PeerId me, Collection<PhaseReport> reports, Set<String> awaited);

    /**
     * The result of reports.
     *
     * @param unwritten the ids of rows that another session keeps locked or the database refuses to change; these are
     *     unchanged
     * @param rows the awaited rows as the reports have left them, of those that were written
     */
    record Reported(Set<String> unwritten, List<ChildRow> rows) {}

    /**
     * Protocol rule 11b: from now on every token granted to any peer exceeds this one and the tokens of all existing
     * rows, even after those rows are deleted. Never lowers the limit.
     *
     * @return a token not lower than any token granted before, unless the database's clock was set back
     */
    long raiseTokens(long above);

    // ---- commands
    // --------------------------------------------------------------------------------------------------------

    /**
     * Inserts a new child for {@code owner} to start, with a first token, revision 1 and command START. Returns the row
     * as written. If the id is known or the group is terminated, changes nothing and returns null.
     */
    @Nullable
    ChildRow insert(String group, ChildSpec spec, PeerId owner);

    /**
     * Like {@link #insert} for several children with different ids, in one transaction if the store supports it.
     *
     * @return the rows of the new children
     */
    default List<ChildRow> insert(String group, Collection<ChildSpec> specs, PeerId owner) {
        return specs.stream()
                .map(spec -> insert(group, spec, owner))
                .filter(Objects::nonNull)
                .toList();
    }

    /**
     * Inserts children with different ids for the live member that claims them first. Their command is RESTART, so that
     * a failed start stays visible. Children with known ids are not changed. Raises the revision and sends a hint.
     *
     * @return the rows of the new children
     */
    List<ChildRow> offer(String group, Collection<ChildSpec> specs);

    /**
     * Writes a command: revision + 1, the desired state and, if given, a new spec. Compares the revision, so that a
     * decision based on an older row is not carried out.
     *
     * @return the row as written; null if it has another revision by now or is gone
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
     * Requests that the owner moves the child; withdraws the request if the target is null. The revision is unchanged.
     *
     * @return false if the revision changed or the row is gone
     */
    boolean requestMove(String group, String childId, long expectedRevision, @Nullable PeerId target);

    /** Asks the owner of a child, if it has one, for a hint when it has written more: a caller here waits for it. */
    default void awaits(String group, ChildRow row) {}

    /**
     * Deletes a row if its owner, token and revision are still as read, and its child does not run: STOPPED, COMPLETED,
     * QUARANTINED, or stopped and STUCK.
     */
    boolean delete(String group, OwnedToken expected, long expectedRevision);

    /** Deletes a child without a live owner, if its owner, token and revision are still as read. */
    boolean deleteOrphan(String group, OwnedToken expected, long expectedRevision);

    /** Which of these declared children have no row, although neither a call nor their end removed them. */
    Set<String> missing(String group, Collection<String> declared);

    /**
     * Writes a member's missing declared children again, without an owner, and sends one hint if there are any.
     * Temporary ones are left out: they run once in the life of a group.
     *
     * @param declared all declared children, in start order
     * @return the ids of the written children
     */
    Set<String> declare(String group, List<ChildSpec> declared);

    /** Declared children whose ids are in no live member's declaration and whose removal is not commanded yet. */
    Set<String> undeclared(String group);

    /**
     * Commands the removal of those children that no live member declares now. Their owner, or the peer that claims
     * them, carries it out. Locked rows are not changed.
     *
     * @return the ids of the children whose removal was commanded
     */
    Set<String> removeUndeclared(String group, Set<String> childIds);

    /**
     * Forgets the removal of those children that a live member declares, so that {@link #missing} reports them again.
     * That member joined while they were removed.
     *
     * @return the ids of the children for which the store refused it
     */
    Set<String> redeclare(String group, Set<String> childIds);

    /** Makes all members compare everything. */
    void touch(String group);

    // ---- groups
    // ----------------------------------------------------------------------------------------------------------

    /** Terminates an active group. Returns whether this call did so. */
    boolean terminateGroup(String group, Cause cause, String reason, PeerId by);

    /**
     * Revives a terminated group.
     *
     * @param from the only termination to revive it from; null for any
     * @return whether this call revived it
     */
    boolean reviveGroup(String group, PeerId by, @Nullable Death from);

    /** Writes the deleted row of a group again; changes nothing if the row exists. */
    void restoreGroup(String group, GroupRow.Flags flags);

    /**
     * Waits until all changes so far are announced, or their announcement failed.
     *
     * @return false if that took longer than the limit
     */
    boolean awaitTold(Duration limit);

    // ---- reading
    // ---------------------------------------------------------------------------------------------------------

    /** For reconciliation: orphans, and children that {@code me} owns or that should move to it. */
    GroupView view(String group, PeerId me);

    /**
     * Protocol rule 5b: a value that differs whenever the rows of {@link #view} have changed, except those of members.
     * The rows are not sent.
     */
    String digest(String group, PeerId me);

    /** Some rows, regardless of their owner. */
    List<ChildRow> rows(String group, Set<String> childIds);

    /** All rows in start order. */
    List<ChildRow> allRows(String group);

    ChildCounts counts(String group);

    /** Whether a significant child of the group runs or is about to run, on any peer (semantics row A51). */
    boolean hasActiveSignificant(String group);

    List<MemberRow> members(String group);

    Optional<GroupRow> group(String group);

    // ---- housekeeping: compare-and-set or idempotent, so that two coordinators are harmless
    // ------------------------------

    /**
     * Deletes DEAD and LEFT peers that own no child and ended longer ago than this; never an ALIVE one.
     *
     * @param most the maximum to delete; if that many were deleted, there may be more
     * @return how many were deleted
     */
    int purgePeers(Duration olderThan, int most);

    /**
     * Deletes history older than this, the oldest first.
     *
     * @param most the maximum of rows to delete; if that many were deleted, there may be more
     * @return how many rows were deleted
     */
    int purgeHistory(Duration olderThan, int most);

    /** Closes the connection until the next call. Called when no work is expected for a while. */
    default void rest() {}

    @Override
    void close();
}
