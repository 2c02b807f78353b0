package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** Everything that a peer writes when it joins, in one transaction. */
public record JoinRequest(PeerId id, PeerRef ref, Duration lease, Duration stopBound, List<Membership> memberships) {

    /**
     * The peer's part in one group.
     *
     * @param settings the flags this member was configured with; they count only for a new or otherwise empty group
     * @param types the child types it can run, static children's included
     * @param staticChildren its declared children in their order; new ones are inserted without an owner
     */
    public record Membership(GroupSettings settings, Set<String> types, List<ChildSpec> staticChildren) {}
}
