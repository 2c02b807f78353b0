package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.ChildCounts;
import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.ChildNotFoundException;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.GroupTerminatedException;
import io.github.mirroredsupervisor.InvalidChildSpecException;
import io.github.mirroredsupervisor.InvalidChildSpecException.Reason;
import io.github.mirroredsupervisor.InvalidChildSpecException.Violation;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerInfo;
import io.github.mirroredsupervisor.StartResult;
import io.github.mirroredsupervisor.mirror.GroupPolicies.AutoShutdown;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** The group's supervisor as the application sees it: checks what it is given and passes it on to whoever is the member now. */
final class GroupSupervisor implements MirroredSupervisor {

    private final GroupDefinition definition;
    private final Supplier<GroupCalls> calls;
    private final Supplier<PeerId> self;
    private final UnaryOperator<ChildSpec> asStored;

    /**
     * A facade that outlives restarts of its peer.
     *
     * @param calls throws while the peer is no member
     * @param asStored a spec as it reads once it was stored; refuses what cannot be stored
     */
    GroupSupervisor(
            GroupDefinition definition,
            Supplier<GroupCalls> calls,
            Supplier<PeerId> self,
            UnaryOperator<ChildSpec> asStored) {
        this.asStored = asStored;
        this.definition = definition;
        this.calls = calls;
        this.self = self;
    }

    @Override
    public String group() {
        return definition.settings().name();
    }

    @Override
    public PeerId self() {
        return self.get();
    }

    @Override
    public StartResult startChild(ChildSpec spec) {
        return active().starts().start(checked(spec));
    }

    @Override
    public StartResult ensureChild(ChildSpec spec) {
        return active().starts().ensure(checked(spec));
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
    public List<ChildInfo> whichChildren() {
        return calls().query(s -> s.allRows(group())).stream()
                .map(Views::childInfo)
                .toList();
    }

    @Override
    public ChildCounts countChildren() {
        return calls().query(s -> s.counts(group()));
    }

    @Override
    public Optional<ChildSpec> childSpec(String childId) {
        GroupCalls present = calls();
        return isPossible(childId) ? present.row(childId).map(ChildRow::spec) : Optional.empty();
    }

    @Override
    public List<PeerInfo> peers() {
        return calls().query(s -> s.members(group())).stream()
                .map(Views::peerInfo)
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

    private GroupCalls calls() {
        return calls.get();
    }

    private GroupCalls active() {
        GroupCalls present = calls();
        if (present.isTerminated()) {
            throw new GroupTerminatedException(
                    "Group '" + group() + "' is terminated; restartGroup() revives it on every peer");
        }
        return present;
    }

    private ChildSpec checked(ChildSpec spec) {
        ChildSpec.check(Collections.singletonList(spec));
        if (!definition.types().containsKey(spec.type())) {
            throw new InvalidChildSpecException(List.of(new Violation(
                    spec.id(),
                    Reason.UNKNOWN_TYPE,
                    "this application has no type '" + spec.type() + "'; it knows "
                            + definition.types().keySet().stream().sorted().toList()
                            + ". Register it with @MirroredChildType")));
        }
        if (spec.significant() && definition.settings().policies().autoShutdown() == AutoShutdown.NEVER) {
            throw new InvalidChildSpecException(List.of(new Violation(
                    spec.id(),
                    Reason.BAD_COMBINATION,
                    "a significant child needs a group whose auto-shutdown is any-significant or all-significant")));
        }
        return asStored.apply(spec);
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
