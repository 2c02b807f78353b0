package io.github.mirroredsupervisor;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One child as the database shows it (semantics rows A47, B22–B25). Every child is shown, whatever its phase.
 *
 * @param id the child's id in the group
 * @param type the registered type that its spec names
 * @param kind worker or supervisor
 * @param phase what it is doing
 * @param desired whether the group wants it to run
 * @param owner the peer that owns it; null while it has no owner
 * @param fencingToken the last token granted
 * @param since when it entered its phase, by the database's clock
 * @param restarts how often it was restarted in place since its owner took it
 * @param restartsInWindow how many of those count towards the intensity now
 * @param nextRetry when its delayed restart is due, if one is
 * @param lastExit how its last run ended, if one did
 * @param restart its restart type
 * @param reason why it is quarantined, that its init declined the start, or that its owners died soon after its start;
 *     null otherwise
 */
public record ChildInfo(
        String id,
        String type,
        ChildKind kind,
        Phase phase,
        DesiredState desired,
        @Nullable PeerRef owner,
        long fencingToken,
        Instant since,
        int restarts,
        int restartsInWindow,
        @Nullable Instant nextRetry,
        @Nullable LastExit lastExit,
        RestartType restart,
        @Nullable String reason) {

    /**
     * Whether its init declined the start with {@link ChildExit#ignore()}; false if it is complete because its work is
     * done.
     */
    public boolean declined() {
        return phase == Phase.COMPLETED && lastExit != null && lastExit.kind() == LastExit.Kind.IGNORED;
    }
}
