package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.supervision.Effect;
import io.github.mirroredsupervisor.internal.supervision.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.StopReason;
import io.github.mirroredsupervisor.internal.supervision.SupervisionListener;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs one line for each transition of interest. */
final class TransitionLog implements SupervisionListener {

    private static final Logger log = LoggerFactory.getLogger(LocalSupervisor.class);

    private final String group;
    private final Consumer<Runnable> later;

    /**
     * Creates the log of one supervisor.
     *
     * @param later runs the logging, so that a slow back-end delays no child
     */
    TransitionLog(String group, Consumer<Runnable> later) {
        this.group = group;
        this.later = later;
    }

    String group() {
        return group;
    }

    void log(Effect.Notice notice) {
        later.accept(() -> notice.tell(this));
    }

    @Override
    public void started(LocalChild child, StartCause cause) {
        log.info("[{}] child '{}' started, token {} ({})", group, child.id(), child.token(), words(cause));
    }

    @Override
    public void startFailed(LocalChild child, StartCause cause, Throwable failure, boolean repeated) {
        ended(child, repeated);
    }

    @Override
    public void exited(LocalChild child, boolean repeated) {
        ended(child, repeated);
    }

    @Override
    public void tokenNeeded(LocalChild child) {}

    @Override
    public void restartDelayed(LocalChild child, Duration delay) {
        log.debug("[{}] child '{}' restarts in {}", group, child.id(), delay);
    }

    @Override
    public void stopping(LocalChild child, StopReason reason) {
        log.debug("[{}] child '{}' told to stop", group, child.id());
    }

    @Override
    public void stopped(LocalChild child, StopReason reason) {
        log.info("[{}] child '{}' stopped ({})", group, child.id(), words(reason));
    }

    /** The stack trace is logged where the thread is interrupted. */
    @Override
    public void stuck(LocalChild child) {}

    @Override
    public void abandoned(LocalChild child) {
        log.error("[{}] child '{}' does not end; its thread is no longer waited for", group, child.id());
    }

    @Override
    public void quarantined(LocalChild child, String reason) {
        log.error("[{}] child '{}' is quarantined until it is restarted: {}", group, child.id(), reason);
    }

    @Override
    public void gaveUp(String reason) {
        log.error("[{}] restart intensity exceeded, all children are stopped: {}", group, reason);
    }

    private void ended(LocalChild child, boolean repeated) {
        LastExit exit = child.lastExit();
        if (exit == null) {
            return;
        }
        String text = exit.reason() == null ? words(exit.kind()) : words(exit.kind()) + ": " + exit.reason();
        if (repeated) {
            log.debug("[{}] child '{}' ended as before ({}), now {}", group, child.id(), text, words(child.status()));
        } else {
            log.info("[{}] child '{}' ended ({}), now {}", group, child.id(), text, words(child.status()));
        }
    }

    private static String words(@Nullable Enum<?> value) {
        return value == null ? "" : value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
