package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.Phase;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * What this peer knows of itself at one moment, without a query.
 *
 * @param self its present incarnation
 * @param running whether it was started and not stopped
 * @param joined whether its row is in the database
 * @param permitted whether it may run children now
 * @param headroom how much of the permission is left; zero when there is none
 * @param groups by group name
 */
public record PeerStatus(
        PeerRef self,
        boolean running,
        boolean joined,
        boolean permitted,
        Duration headroom,
        Map<String, GroupStatus> groups) {

    /**
     * One group on this peer.
     *
     * @param terminated whether the group was terminated, as far as this peer knows
     * @param children the number of its local children in each phase
     * @param stuck the ids of its local children that ignore their stop
     * @param quarantined the ids of quarantined children: its own, and those that had no owner at its last full
     *     comparison
     */
    public record GroupStatus(
            boolean terminated, Map<Phase, Integer> children, Set<String> stuck, Set<String> quarantined) {

        /** A group without stuck or quarantined children. */
        public GroupStatus(boolean terminated, Map<Phase, Integer> children) {
            this(terminated, children, Set.of(), Set.of());
        }
    }
}
