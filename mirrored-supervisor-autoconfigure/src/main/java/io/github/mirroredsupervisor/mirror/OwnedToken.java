package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.PeerId;
import org.jspecify.annotations.Nullable;

/**
 * What every change of ownership compares before it sets: a child, and the owner and token it was read with (protocol rules 5, 7, 8).
 */
public record OwnedToken(String childId, @Nullable PeerId owner, long token, long above) {

    /** Any greater token will do. */
    public OwnedToken(String childId, @Nullable PeerId owner, long token) {
        this(childId, owner, token, token);
    }

    /**
     * As the row was read.
     *
     * @param above what a new token has to exceed besides: the row may have lost tokens that this peer has used, when a lagging replica was
     *     promoted (faults I13)
     */
    static OwnedToken of(ChildRow row, long above) {
        return new OwnedToken(row.id(), row.owner(), row.token(), Math.max(row.token(), above));
    }

    static OwnedToken of(ChildRow row) {
        return new OwnedToken(row.id(), row.owner(), row.token());
    }
}
