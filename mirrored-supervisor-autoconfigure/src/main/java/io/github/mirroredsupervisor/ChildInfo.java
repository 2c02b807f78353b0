package io.github.mirroredsupervisor;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One child as the database shows it, in start order (semantics rows A47, B22–B25): nothing is invisible.
 *
 * @param id the child's id in the group
 * @param type the registered type that its spec names
 * @param kind worker or supervisor
 * @param phase what it is doing
 * @param desired what the group wants of it
 * @param owner who owns it; null while nobody does
 * @param fencingToken the last token granted
 * @param since when it entered its phase, on the database's clock
 * @param restarts how often it was restarted in place since its owner took it
 * @param restartsInWindow how many of those count towards the intensity now
 * @param nextRetry when its delayed restart is due, if one is
 * @param lastExit how its last run ended, if one did
 * @param restart its restart type
 * @param reason why it is quarantined, that its init declined, or that its owners died soon after its start; null if
 *     none of that
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
     * Whether it does not run because its init declined with {@link ChildExit#ignore()}, and not because it has done
     * its work.
     */
    public boolean declined() {
        return phase == Phase.COMPLETED && lastExit != null && lastExit.kind() == LastExit.Kind.IGNORED;
    }
}
