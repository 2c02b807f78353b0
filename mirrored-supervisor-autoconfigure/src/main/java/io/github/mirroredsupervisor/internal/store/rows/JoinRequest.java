package io.github.mirroredsupervisor.internal.store.rows;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a peer writes when it joins.
 *
 * @param tokensAbove every token granted from now on must exceed this one (protocol rule 11b)
 */
public record JoinRequest(
        PeerId id, PeerRef ref, Duration lease, Duration stopBound, List<Membership> memberships, long tokensAbove) {

    /** The request of a process that does not know any token yet. */
    public JoinRequest(PeerId id, PeerRef ref, Duration lease, Duration stopBound, List<Membership> memberships) {
        this(id, ref, lease, stopBound, memberships, 0);
    }

    /**
     * The peer's part in one group.
     *
     * @param settings the configuration of this member; its flags count only for a new or otherwise empty group
     * @param types the child types it can run, including those of its static children
     * @param staticChildren its declared children in their order; new ones are inserted without an owner
     * @param origin the application, if the group has no configured name and the peer declares children in it;
     *     otherwise null
     */
    public record Membership(
            GroupSettings settings,
            Set<String> types,
            List<ChildSpec> staticChildren,
            @Nullable String origin) {

        /** Membership in a group with a configured name. */
        public Membership(GroupSettings settings, Set<String> types, List<ChildSpec> staticChildren) {
            this(settings, types, staticChildren, null);
        }
    }
}
