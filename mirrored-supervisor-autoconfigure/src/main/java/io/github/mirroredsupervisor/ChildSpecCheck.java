package io.github.mirroredsupervisor;

import io.github.mirroredsupervisor.InvalidChildSpecException.Reason;
import io.github.mirroredsupervisor.InvalidChildSpecException.Violation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds everything that is wrong with child specs, each spec in OTP's fixed order of fields (semantics row A5). */
final class ChildSpecCheck {

    private static final int MAX_LENGTH = 255;

    private final List<Violation> violations = new ArrayList<>();

    private ChildSpecCheck() {}

    static void check(@Nullable Collection<? extends @Nullable ChildSpec> specs) {
        ChildSpecCheck check = new ChildSpecCheck();
        if (specs == null) {
            check.add(null, Reason.INVALID_CHILD_SPEC, "the collection of child specs is null");
        } else {
            specs.forEach(check::one);
            check.duplicates(specs);
        }
        if (!check.violations.isEmpty()) {
            throw new InvalidChildSpecException(check.violations);
        }
    }

    @SuppressWarnings("ConstantValue") // the components are declared non-null, but a malformed spec has nulls
    private void one(@Nullable ChildSpec spec) {
        if (spec == null) {
            add(null, Reason.INVALID_CHILD_SPEC, "a child spec is null");
            return;
        }
        String id = spec.id();
        if (id == null || id.isBlank()) {
            add(id, Reason.MISSING_ID, "a child spec needs an id");
        } else {
            name(id, id, "an id", Reason.INVALID_ID);
        }
        if (spec.type() == null || spec.type().isBlank()) {
            add(id, Reason.MISSING_START, "a child spec needs the name of a registered type");
        } else {
            name(id, spec.type(), "the name of a type", Reason.INVALID_START);
        }
        if (spec.arguments() == null) {
            add(id, Reason.INVALID_ARGUMENTS, "arguments are null; an empty map means none");
        }
        restart(spec, id);
        if (spec.kind() == null) {
            add(id, Reason.INVALID_CHILD_TYPE, "kind is null");
        }
        shutdown(spec, id);
        if (spec.takeover() == null) {
            add(id, Reason.INVALID_TAKEOVER, "takeover is null");
        }
        if (spec.onOutage() == null) {
            add(id, Reason.INVALID_OUTAGE_POLICY, "onOutage is null");
        }
        progress(spec, id);
    }

    /** Refuses names that the database would not return unchanged. */
    private void name(String id, String name, String what, Reason reason) {
        if (name.length() > MAX_LENGTH) {
            add(id, reason, what + " has at most " + MAX_LENGTH + " characters, and this one has " + name.length());
        }
        if (name.chars().anyMatch(Character::isISOControl)) {
            add(id, reason, what + " has no control characters");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            add(id, reason, what + " has no half of a surrogate pair");
        }
    }

    private void progress(ChildSpec spec, @Nullable String id) {
        Duration timeout = spec.progressTimeout();
        if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
            add(id, Reason.INVALID_PROGRESS_TIMEOUT, "the progress time-out is not positive: " + timeout);
        }
    }

    @SuppressWarnings("ConstantValue")
    private void restart(ChildSpec spec, @Nullable String id) {
        if (spec.restart() == null) {
            add(id, Reason.INVALID_RESTART_TYPE, "restart is null");
        } else if (spec.restart() == RestartType.TEMPORARY && spec.restartDelay() != null) {
            add(
                    id,
                    Reason.INVALID_RESTART_TYPE,
                    "a temporary child is never restarted and cannot have a restart delay");
        }
        if (spec.restartDelay() != null && spec.restartDelay().isNegative()) {
            add(id, Reason.INVALID_DELAY, "the restart delay is negative: " + spec.restartDelay());
        }
        if (spec.significant() && spec.restart() == RestartType.PERMANENT) {
            add(id, Reason.BAD_COMBINATION, "a permanent child cannot be significant: it never ends by itself");
        }
    }

    @SuppressWarnings("ConstantValue")
    private void shutdown(ChildSpec spec, @Nullable String id) {
        Shutdown shutdown = spec.shutdown();
        if (shutdown == null) {
            add(id, Reason.INVALID_SHUTDOWN, "shutdown is null");
        } else if (shutdown instanceof Shutdown.Timeout timeout
                && (timeout.limit() == null || timeout.limit().isNegative())) {
            add(id, Reason.INVALID_SHUTDOWN, "the shutdown time-out is null or negative: " + timeout.limit());
        }
    }

    @SuppressWarnings("ConstantValue")
    private void duplicates(Collection<? extends @Nullable ChildSpec> specs) {
        Set<String> seen = new HashSet<>();
        for (ChildSpec spec : specs) {
            if (spec != null && spec.id() != null && !seen.add(spec.id())) {
                add(spec.id(), Reason.DUPLICATE_CHILD_NAME, "the id occurs twice");
            }
        }
    }

    private void add(@Nullable String childId, Reason reason, String message) {
        violations.add(new Violation(childId, reason, message));
    }
}
