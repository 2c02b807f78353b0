package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.internal.supervision.Effect.Notice;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import java.util.Locale;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Logs one line for each transition of interest. */
final class TransitionLog {

    private final Logger log;
    private final String group;
    private final Executor later;

    /**
     * Creates the log of one supervisor.
     *
     * @param later runs the logging, so that a slow back-end delays no child
     */
    TransitionLog(Logger log, String group, Executor later) {
        this.log = log;
        this.group = group;
        this.later = later;
    }

    void log(Notice notice) {
        later.execute(() -> logNow(notice));
    }

    private void logNow(Notice notice) {
        LocalChild child = notice.child();
        String id = child.id();
        switch (notice.kind()) {
            case STARTED ->
                log.info("[{}] child '{}' started, token {} ({})", group, id, child.token(), words(notice.cause()));
            case START_FAILED, EXITED -> ended(child, notice.repeated());
            case RESTART_DELAYED -> log.debug("[{}] child '{}' restarts in {}", group, id, notice.delay());
            case STOPPING -> log.debug("[{}] child '{}' told to stop", group, id);
            case STOPPED -> log.info("[{}] child '{}' stopped ({})", group, id, words(notice.reason()));
            case ABANDONED -> log.error("[{}] child '{}' does not end; its thread is no longer waited for", group, id);
            case QUARANTINED ->
                log.error("[{}] child '{}' is quarantined until it is restarted: {}", group, id, notice.text());
            case GAVE_UP ->
                log.error("[{}] restart intensity exceeded, all children are stopped: {}", group, notice.text());
            case TOKEN_NEEDED, STUCK -> {} // the stack trace of a stuck one is logged where it is interrupted
        }
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
