package io.github.mirroredsupervisor.internal.calls;

import io.github.mirroredsupervisor.ChildCounts;
import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildNotFoundException;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.GroupInfo;
import io.github.mirroredsupervisor.GroupTerminatedException;
import io.github.mirroredsupervisor.InvalidChildSpecException;
import io.github.mirroredsupervisor.InvalidChildSpecException.Reason;
import io.github.mirroredsupervisor.InvalidChildSpecException.Violation;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerInfo;
import io.github.mirroredsupervisor.PeerNotJoinedException;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.StartResult;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildViews;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.AutoShutdown;
import io.github.mirroredsupervisor.internal.store.rows.Ids;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The group's supervisor as the application sees it: checks arguments and passes calls on to the present member. */
public final class GroupSupervisor implements MirroredSupervisor {

    /** Longer than any real wait, but still countable in nanoseconds. */
    private static final Duration LONGEST_CALL = Duration.ofDays(36_500);

    private final GroupDefinition definition;
    private final AtomicReference<PeerCalls> peer;
    private final Store store;

    /** How long a call may take; null for as long as the peer's settings say. */
    private final @Nullable Duration callTimeout;

    /**
     * A facade that outlives restarts of its peer.
     *
     * @param peer the calls of the peer's last start
     */
    public GroupSupervisor(GroupDefinition definition, AtomicReference<PeerCalls> peer, Store store) {
        this(definition, peer, store, null);
    }

    private GroupSupervisor(
            GroupDefinition definition, AtomicReference<PeerCalls> peer, Store store, @Nullable Duration callTimeout) {
        this.definition = definition;
        this.peer = peer;
        this.store = store;
        this.callTimeout = callTimeout;
    }

    @Override
    public String group() {
        return definition.settings().name();
    }

    @Override
    public PeerId self() {
        return peer().self();
    }

    @Override
    public StartResult startChild(ChildSpec spec) {
        GroupCalls present = active();
        return present.starts().start(checked(present, spec));
    }

    @Override
    public StartResult ensureChild(ChildSpec spec) {
        GroupCalls present = active();
        return present.starts().ensure(checked(present, spec));
    }

    @Override
    public StartResult restartChild(String childId) {
        String id = known(childId);
        return active().starts().restart(id);
    }

    @Override
    public void terminateChild(String childId) {
        String id = known(childId);
        calls().terminate(id);
    }

    @Override
    public void deleteChild(String childId) {
        String id = known(childId);
        calls().delete(id);
    }

    @Override
    public void removeChild(String childId) {
        GroupCalls present = calls();
        if (isPossible(childId)) {
            present.remove(childId);
        }
    }

    @Override
    public void moveChild(String childId, PeerId target) {
        Objects.requireNonNull(target, "target must not be null");
        String id = known(childId);
        active().move(id, target);
    }

    @Override
    public GroupInfo groupInfo() {
        return calls().query(s -> s.group(group()))
                .map(ChildViews::groupInfo)
                .orElseThrow(() -> new PeerNotJoinedException(
                        "The row of group '" + group() + "' is gone from the database; its members join anew"));
    }

    @Override
    public MirroredSupervisor withCallTimeout(Duration callTimeout) {
        Objects.requireNonNull(callTimeout, "callTimeout must not be null");
        if (callTimeout.isNegative() || callTimeout.isZero()) {
            throw new IllegalArgumentException("callTimeout must be positive: " + callTimeout);
        }
        Duration limit = callTimeout.compareTo(LONGEST_CALL) < 0 ? callTimeout : LONGEST_CALL;
        return new GroupSupervisor(definition, peer, store, limit);
    }

    @Override
    public List<ChildInfo> whichChildren() {
        return calls().query(s -> s.allRows(group())).stream()
                .map(ChildViews::childInfo)
                .toList();
    }

    @Override
    public ChildCounts countChildren() {
        return calls().query(s -> s.counts(group()));
    }

    @Override
    public Optional<ChildSpec> childSpec(String childId) {
        GroupCalls present = calls();
        return isPossible(childId)
                ? present.query(s -> s.rows(group(), Set.of(childId))).stream()
                        .findFirst()
                        .map(ChildRow::spec)
                : Optional.empty();
    }

    @Override
    public List<PeerInfo> peers() {
        return calls().query(s -> s.members(group())).stream()
                .map(ChildViews::peerInfo)
                .toList();
    }

    @Override
    public void cordon(PeerId peer) {
        Objects.requireNonNull(peer, "peer must not be null");
        calls().cordon(peer, true);
    }

    @Override
    public void uncordon(PeerId peer) {
        Objects.requireNonNull(peer, "peer must not be null");
        calls().cordon(peer, false);
    }

    @Override
    public void restartGroup() {
        calls().revive();
    }

    private PeerCalls peer() {
        return Objects.requireNonNull(peer.get(), "a peer that is not running has calls that say so");
    }

    private GroupCalls calls() {
        GroupCalls calls = peer().group(group());
        return callTimeout == null ? calls : calls.within(callTimeout);
    }

    private GroupCalls active() {
        GroupCalls present = calls();
        if (present.isTerminated()) {
            throw new GroupTerminatedException(
                    "Group '" + group() + "' is terminated; restartGroup() revives it on every peer");
        }
        return present;
    }

    /** Checks a spec for all violations, and returns it in its stored form. */
    private ChildSpec checked(GroupCalls present, ChildSpec spec) {
        List<Violation> violations = new ArrayList<>(violations(spec));
        if (spec != null && spec.type() != null && !spec.type().isBlank()) {
            unknownType(present, spec).ifPresent(violations::add);
        }
        if (spec != null
                && spec.significant()
                && definition.settings().policies().autoShutdown() == AutoShutdown.NEVER) {
            violations.add(new Violation(
                    spec.id(),
                    Reason.BAD_COMBINATION,
                    "a significant child needs a group whose auto-shutdown is any-significant or all-significant"));
        }
        ChildSpec stored = spec;
        if (violations.stream().allMatch(violation -> violation.reason() == Reason.UNKNOWN_TYPE)) {
            try {
                stored = store.asStored(spec);
            } catch (InvalidChildSpecException e) {
                violations.addAll(e.violations());
            }
        }
        if (!violations.isEmpty()) {
            throw new InvalidChildSpecException(violations);
        }
        return stored;
    }

    private static List<Violation> violations(ChildSpec spec) {
        try {
            ChildSpec.check(Collections.singletonList(spec));
            return List.of();
        } catch (InvalidChildSpecException e) {
            return e.violations();
        }
    }

    /** Another peer may know a type that this one does not: the types that the live members have published decide. */
    private Optional<Violation> unknownType(GroupCalls present, ChildSpec spec) {
        if (definition.types().containsKey(spec.type())) {
            return Optional.empty();
        }
        Set<String> known = new TreeSet<>(definition.types().keySet());
        present.query(s -> s.members(group())).stream()
                .filter(m -> m.state() == PeerState.ALIVE)
                .forEach(m -> known.addAll(m.types()));
        return known.contains(spec.type())
                ? Optional.empty()
                : Optional.of(new Violation(
                        spec.id(),
                        Reason.UNKNOWN_TYPE,
                        "no live peer of the group has a type '" + spec.type() + "'; they know " + known
                                + ". Register it with @MirroredChildType"));
    }

    private String known(String childId) {
        if (!isPossible(childId)) {
            throw new ChildNotFoundException(
                    "Group '" + group() + "' has no child '" + childId + "', and cannot have one");
        }
        return childId;
    }

    private static boolean isPossible(String childId) {
        return Ids.isPossible(Objects.requireNonNull(childId, "childId must not be null"));
    }
}
