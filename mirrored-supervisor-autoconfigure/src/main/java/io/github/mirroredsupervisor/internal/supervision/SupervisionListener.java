package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import java.time.Duration;

/**
 * Receives every transition, in order, within the call that causes it. Implementations return at once and do not throw.
 */
public interface SupervisionListener {

    /** init returned: the start is acknowledged. */
    void started(LocalChild child, StartCause cause);

    /**
     * init threw an exception, or declined (then the child's last exit is IGNORED). A commanded start is over: the
     * child is DOWN, COMPLETED (ignored) or forgotten (ignored and temporary). Any other start is retried by the rules
     * of restarts and delays, as the child's status shows; a temporary child is forgotten.
     *
     * @param repeated whether the last start ended in the same way: then there is nothing new to log
     */
    void startFailed(LocalChild child, StartCause cause, Throwable failure, boolean repeated);

    /**
     * The child ended by itself. Its status shows what follows: a restart, COMPLETED, or DOWN for a temporary child,
     * which is forgotten.
     *
     * @param repeated whether its last run ended in the same way: then there is nothing new to log
     */
    void exited(LocalChild child, boolean repeated);

    /** The child needs a new token to restart in place: answer with granted or refused. */
    void tokenNeeded(LocalChild child);

    /** The restart waits. */
    void restartDelayed(LocalChild child, Duration delay);

    /** The child was told to stop. */
    void stopping(LocalChild child, StopReason reason);

    /**
     * The child's thread has ended after the child was told to stop. A child that was only waiting for a restart is
     * reported in the same way. So is an {@link #abandoned} child: it is reported again if its thread ends later and
     * the child was not launched again. The reason is the last one given.
     */
    void stopped(LocalChild child, StopReason reason);

    /**
     * The child did not end within its time limit. {@code stopped} follows if it ends later, or when it is abandoned.
     */
    void stuck(LocalChild child);

    /**
     * The supervisor no longer waits for the stuck child's thread. {@code stopped} follows, although the thread may
     * live.
     */
    void abandoned(LocalChild child);

    /** The child used up the restart intensity and is not restarted. Its siblings continue to run. */
    void quarantined(LocalChild child, String reason);

    /**
     * The restart intensity is exceeded: all children were told to stop, in reverse order, and nothing will be started
     * until {@code reset}.
     */
    void gaveUp(String reason);
}
