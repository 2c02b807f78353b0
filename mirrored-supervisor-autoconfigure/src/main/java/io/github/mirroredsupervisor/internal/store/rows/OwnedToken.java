package io.github.mirroredsupervisor.internal.store.rows;

import io.github.mirroredsupervisor.PeerId;
import org.jspecify.annotations.Nullable;

/**
 * The values that every change of ownership compares before it writes: a child with the owner and token as read
 * (protocol rules 5, 7, 8).
 *
 * @param childId the child
 * @param owner the owner it was read with; null if it had none
 * @param token the token it was read with
 * @param above a new token must exceed this one
 * @param crashes how many owners in a row have died soon after the child's start; a grant to another owner keeps this
 *     number
 */
public record OwnedToken(String childId, @Nullable PeerId owner, long token, long above, int crashes) {

    public OwnedToken {
        above = Math.max(above, token);
    }

    /** Accepts any greater token. */
    public OwnedToken(String childId, @Nullable PeerId owner, long token) {
        this(childId, owner, token, token, 0);
    }

    /**
     * As the row was read.
     *
     * @param above a new token must also exceed this one: the row may have lost tokens that this peer has used, when a
     *     lagging replica was promoted (faults I13)
     */
    public static OwnedToken of(ChildRow row, long above) {
        return new OwnedToken(row.id(), row.owner(), row.token(), above, row.suspicions());
    }

    public OwnedToken withCrashes(int other) {
        return new OwnedToken(childId, owner, token, above, other);
    }

    public static OwnedToken of(ChildRow row) {
        return of(row, row.token());
    }
}
