package io.github.mirroredsupervisor;

import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a child is and how it is supervised: OTP's child specification, with a registered type in place of code.
 * Immutable if the values in its arguments are.
 *
 * <p>Building a spec never fails: {@link #check} and every call that takes a spec report what is wrong with it.
 *
 * @param id unique in its group; up to 255 characters, no control characters
 * @param type the name that the application registered with {@link MirroredChildType} or {@link MirroredChild}
 * @param arguments what the child reads by {@link ChildContext#arguments}; anything that JSON can carry. They are
 *     stored as JSON of up to a million characters. A number keeps its value but not its notation, so {@code 1e7} is
 *     read back as {@code 10000000}; a set becomes a list. A value that JSON cannot return unchanged (NaN, half of a
 *     surrogate pair, a number of more than 990 digits) or that is not data is refused
 * @param restart when it is restarted
 * @param restartDelay how long a restart waits once the intensity is used up; null means the group's, zero is plain OTP
 * @param shutdown how it is stopped
 * @param kind worker or supervisor
 * @param significant whether its end may shut the group down; not with {@link RestartType#PERMANENT}
 * @param takeover how soon it may run elsewhere when its owner is lost
 * @param onOutage what it does while its peer cannot renew its lease
 * @param progressTimeout how long it may run without calling {@link ChildContext#progress}, before it counts as hung;
 *     null means without limit
 */
public record ChildSpec(
        String id,
        String type,
        Map<String, Object> arguments,
        RestartType restart,
        @Nullable Duration restartDelay,
        Shutdown shutdown,
        ChildKind kind,
        boolean significant,
        Takeover takeover,
        OutagePolicy onOutage,
        @Nullable Duration progressTimeout) {

    @SuppressWarnings({"NullAway", "ConstantValue"}) // malformed specs exist until check() refuses them
    public ChildSpec {
        arguments = arguments == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
    }

    /** A spec with OTP's defaults: permanent, worker, five seconds to shut down, no arguments. */
    public static ChildSpec of(String id, String type) {
        return new ChildSpec(
                id,
                type,
                Map.of(),
                RestartType.PERMANENT,
                null,
                Shutdown.WORKER_DEFAULT,
                ChildKind.WORKER,
                false,
                Takeover.AFTER_LEASE,
                OutagePolicy.STOP,
                null);
    }

    /**
     * OTP's check_childspecs (semantics rows A3–A9): checks every spec, and that no id occurs twice. Starts nothing.
     *
     * @throws InvalidChildSpecException with all violations, in OTP's order
     */
    public static void check(Collection<ChildSpec> specs) {
        ChildSpecCheck.check(specs);
    }

    public ChildSpec withArguments(Map<String, Object> value) {
        return new ChildSpec(
                id,
                type,
                value,
                restart,
                restartDelay,
                shutdown,
                kind,
                significant,
                takeover,
                onOutage,
                progressTimeout);
    }

    public ChildSpec withRestart(RestartType value) {
        return new ChildSpec(
                id,
                type,
                arguments,
                value,
                restartDelay,
                shutdown,
                kind,
                significant,
                takeover,
                onOutage,
                progressTimeout);
    }

    public ChildSpec withRestartDelay(@Nullable Duration value) {
        return new ChildSpec(
                id, type, arguments, restart, value, shutdown, kind, significant, takeover, onOutage, progressTimeout);
    }

    public ChildSpec withShutdown(Shutdown value) {
        return new ChildSpec(
                id,
                type,
                arguments,
                restart,
                restartDelay,
                value,
                kind,
                significant,
                takeover,
                onOutage,
                progressTimeout);
    }

    /** Also replaces a shutdown that is the default of the old kind by the default of the new one. */
    public ChildSpec withKind(ChildKind value) {
        Shutdown fitting = shutdown;
        if (value == ChildKind.SUPERVISOR && Shutdown.WORKER_DEFAULT.equals(shutdown)) {
            fitting = new Shutdown.Infinity();
        } else if (value == ChildKind.WORKER && kind == ChildKind.SUPERVISOR && shutdown instanceof Shutdown.Infinity) {
            fitting = Shutdown.WORKER_DEFAULT;
        }
        return new ChildSpec(
                id,
                type,
                arguments,
                restart,
                restartDelay,
                fitting,
                value,
                significant,
                takeover,
                onOutage,
                progressTimeout);
    }

    public ChildSpec withSignificant(boolean value) {
        return new ChildSpec(
                id, type, arguments, restart, restartDelay, shutdown, kind, value, takeover, onOutage, progressTimeout);
    }

    public ChildSpec withTakeover(Takeover value) {
        return new ChildSpec(
                id,
                type,
                arguments,
                restart,
                restartDelay,
                shutdown,
                kind,
                significant,
                value,
                onOutage,
                progressTimeout);
    }

    public ChildSpec withOnOutage(OutagePolicy value) {
        return new ChildSpec(
                id,
                type,
                arguments,
                restart,
                restartDelay,
                shutdown,
                kind,
                significant,
                takeover,
                value,
                progressTimeout);
    }

    public ChildSpec withProgressTimeout(@Nullable Duration value) {
        return new ChildSpec(
                id, type, arguments, restart, restartDelay, shutdown, kind, significant, takeover, onOutage, value);
    }
}
