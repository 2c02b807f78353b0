package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import java.util.Map;
import java.util.Set;

/**
 * A group's loop as other threads see it, as of the end of one of its steps. Immutable.
 *
 * @param terminated whether the group was terminated, as far as this peer knows
 * @param counts the number of its local children in each state; states without children are left out
 * @param stuck the ids of its local children that were told to stop and have not ended in time
 * @param abandoned the ids of its local children that were stuck and are no longer waited for
 * @param quarantined the ids of quarantined children: its own, and those that had no owner at its last full comparison
 * @param leave how far the peer's leave has come here
 */
public record GroupSnapshot(
        boolean terminated,
        Map<Status, Integer> counts,
        Set<String> stuck,
        Set<String> abandoned,
        Set<String> quarantined,
        LeaveState leave) {

    /** How far the leave of a peer has come in one group. */
    public enum LeaveState {
        /** It has not begun, or some children were not told to stop. */
        UNTOLD,
        /** All were told; some have not ended. */
        STOPPING,
        /** All have ended or are stuck; something is still to be written. */
        WRITING,
        /** Nothing is left to be done. */
        DONE
    }

    static final GroupSnapshot EMPTY =
            new GroupSnapshot(false, Map.of(), Set.of(), Set.of(), Set.of(), LeaveState.UNTOLD);
}
