package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import java.time.Duration;

/**
 * Told of every transition, in order, within the call that causes it. Implementations return at once and do not throw.
 */
public interface SupervisionListener {

    /** init returned: the start is acknowledged. */
    void started(LocalChild child, StartCause cause);

    /**
     * init threw, or declined (then the child's last exit is IGNORED). A commanded start is over: the child is DOWN,
     * COMPLETED (ignored) or forgotten (ignored and temporary). Any other is retried by the rules of restarts and
     * delays, as the child's status shows; a temporary child is forgotten.
     *
     * @param repeated whether the last start ended so too: then there is nothing new to log
     */
    void startFailed(LocalChild child, StartCause cause, Throwable failure, boolean repeated);

    /**
     * The child ended by itself. Its status shows what follows: a restart, COMPLETED, or DOWN for a temporary child,
     * which is forgotten.
     *
     * @param repeated whether its last run ended so too: then there is nothing new to log
     */
    void exited(LocalChild child, boolean repeated);

    /** The child is to be restarted in place and needs a new token: answer with granted or refused. */
    void tokenNeeded(LocalChild child);

    /** The restart waits. */
    void restartDelayed(LocalChild child, Duration delay);

    /** The child was told to stop. */
    void stopping(LocalChild child, StopReason reason);

    /**
     * The child's thread is gone, after it was told to stop. A child that was only waiting for a restart is reported
     * the same way, and so is one that was {@link #abandoned}; if its thread ever ends, and nothing has followed, that
     * is reported once more. The reason is the last one given.
     */
    void stopped(LocalChild child, StopReason reason);

    /** The child did not end within its bound. {@code stopped} follows if it ever does. */
    void stuck(LocalChild child);

    /** The stuck child's thread is no longer waited for: {@code stopped} follows, although it may live. */
    void abandoned(LocalChild child);

    /** The child used up the restart intensity and is kept from running, its siblings run on. */
    void quarantined(LocalChild child, String reason);

    /**
     * The restart intensity is exceeded: all children were told to stop, in reverse order, and nothing will be started
     * until {@code reset}.
     */
    void gaveUp(String reason);
}
