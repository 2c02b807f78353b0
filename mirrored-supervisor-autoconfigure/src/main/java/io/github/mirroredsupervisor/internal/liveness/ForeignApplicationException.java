package io.github.mirroredsupervisor.internal.liveness;

import io.github.mirroredsupervisor.MirroredSupervisorException;
import io.github.mirroredsupervisor.internal.store.rows.Stranger;

/**
 * Two applications, neither of which was given a name, declare children in the same group: the group of applications
 * without a name. The peer that noticed it has left. In a group with a configured name, applications may differ.
 */
public final class ForeignApplicationException extends MirroredSupervisorException {

    private static final long serialVersionUID = 1L;

    ForeignApplicationException(String group, String origin, Stranger stranger) {
        super("Group '" + group + "' has members of two applications that were given no name: this one, " + origin
                + ", and " + stranger.origin() + " (" + stranger.label()
                + "). Each would run the other's children as if they were its own.");
    }
}
