package io.github.mirroredsupervisor.internal.store;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a peer writes when it joins, in one transaction.
 *
 * @param tokensAbove what every token that is granted from now on has to exceed (protocol rule 11b)
 */
public record JoinRequest(
        PeerId id, PeerRef ref, Duration lease, Duration stopBound, List<Membership> memberships, long tokensAbove) {

    /** Of a process that has heard of no token yet. */
    public JoinRequest(PeerId id, PeerRef ref, Duration lease, Duration stopBound, List<Membership> memberships) {
        this(id, ref, lease, stopBound, memberships, 0);
    }

    /**
     * The peer's part in one group.
     *
     * @param settings the flags this member was configured with; they count only for a new or otherwise empty group
     * @param types the child types it can run, static children's included
     * @param staticChildren its declared children in their order; new ones are inserted without an owner
     * @param origin the application, where nobody named the group and the peer declares children in it; null otherwise
     */
    public record Membership(
            GroupSettings settings,
            Set<String> types,
            List<ChildSpec> staticChildren,
            @Nullable String origin) {

        /** In a group that somebody named. */
        public Membership(GroupSettings settings, Set<String> types, List<ChildSpec> staticChildren) {
            this(settings, types, staticChildren, null);
        }
    }
}
