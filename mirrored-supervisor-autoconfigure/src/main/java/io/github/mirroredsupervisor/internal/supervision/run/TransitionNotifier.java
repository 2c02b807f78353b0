package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.internal.supervision.Effect;
import io.github.mirroredsupervisor.internal.supervision.LocalChild;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs each transition once and hands it to the listener, whose failures go no further. */
final class TransitionNotifier {

    private static final Logger log = LoggerFactory.getLogger(LocalSupervisor.class);

    private final String group;
    private final SupervisionListener listener;

    private final Consumer<Runnable> later;

    /**
     * For one supervisor.
     *
     * @param later where to log: a back-end that is slow must hold up no child
     */
    TransitionNotifier(String group, SupervisionListener listener, Consumer<Runnable> later) {
        this.group = group;
        this.listener = listener;
        this.later = later;
    }

    void announce(Effect.Notice notice) {
        later.accept(() -> log(notice)); // before what the listener publishes
        tellQuietly(notice);
    }

    private void tellQuietly(Effect.Notice notice) {
        try {
            tell(notice);
        } catch (Throwable failure) {
            // The notice itself is not printed: its spec's arguments may be secret.
            log.error("[{}] the listener failed at {}", group, notice.getClass().getSimpleName(), failure);
        }
    }

    private void tell(Effect.Notice notice) {
        if (notice instanceof Effect.Started started) {
            listener.started(started.child(), started.cause());
        } else if (notice instanceof Effect.StartFailed failed) {
            listener.startFailed(failed.child(), failed.cause(), failed.failure());
        } else if (notice instanceof Effect.Exited exited) {
            listener.exited(exited.child());
        } else if (notice instanceof Effect.TokenNeeded needed) {
            listener.tokenNeeded(needed.child());
        } else if (notice instanceof Effect.RestartDelayed delayed) {
            listener.restartDelayed(delayed.child(), delayed.delay());
        } else if (notice instanceof Effect.Stopping stopping) {
            listener.stopping(stopping.child(), stopping.reason());
        } else if (notice instanceof Effect.Stopped stopped) {
            listener.stopped(stopped.child(), stopped.reason());
        } else if (notice instanceof Effect.Stuck stuck) {
            listener.stuck(stuck.child());
        } else if (notice instanceof Effect.Abandoned abandoned) {
            listener.abandoned(abandoned.child());
        } else if (notice instanceof Effect.Quarantined quarantined) {
            listener.quarantined(quarantined.child(), quarantined.reason());
        } else if (notice instanceof Effect.GaveUp gaveUp) {
            listener.gaveUp(gaveUp.reason());
        }
    }

    private void log(Effect.Notice notice) {
        if (notice instanceof Effect.Started started) {
            LocalChild child = started.child();
            log.info(
                    "[{}] child '{}' started, token {} ({})", group, child.id(), child.token(), words(started.cause()));
        } else if (notice instanceof Effect.StartFailed failed) {
            logEnd(failed.child(), failed.repeated());
        } else if (notice instanceof Effect.Exited exited) {
            logEnd(exited.child(), exited.repeated());
        } else if (notice instanceof Effect.RestartDelayed delayed) {
            log.debug("[{}] child '{}' restarts in {}", group, delayed.child().id(), delayed.delay());
        } else if (notice instanceof Effect.Stopping stopping) {
            log.debug("[{}] child '{}' told to stop", group, stopping.child().id());
        } else if (notice instanceof Effect.Abandoned abandoned) {
            log.error(
                    "[{}] child '{}' does not end; its thread is no longer waited for",
                    group,
                    abandoned.child().id());
        } else if (notice instanceof Effect.Stopped stopped) {
            log.info("[{}] child '{}' stopped ({})", group, stopped.child().id(), words(stopped.reason()));
        } else if (notice instanceof Effect.Quarantined quarantined) {
            log.error(
                    "[{}] child '{}' is quarantined until it is restarted: {}",
                    group,
                    quarantined.child().id(),
                    quarantined.reason());
        } else if (notice instanceof Effect.GaveUp gaveUp) {
            log.error("[{}] restart intensity exceeded, all children are stopped: {}", group, gaveUp.reason());
        }
    }

    private void logEnd(LocalChild child, boolean repeated) {
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
