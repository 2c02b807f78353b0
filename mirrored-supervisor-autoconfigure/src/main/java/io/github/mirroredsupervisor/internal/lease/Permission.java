package io.github.mirroredsupervisor.internal.lease;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Protocol rule 1: one incarnation may run children while {@code now < renewSentAt + lease − stop}. Extended by the
 * thread that renews, expired by the watchdog, read by every child. All times are {@link System#nanoTime()} of this
 * process, compared by subtraction only.
 */
public final class Permission {

    private static final Object NEVER = new Object();
    private static final Object ENDED = new Object();

    /** NEVER, ENDED, or the deadline as a Long. */
    private final AtomicReference<Object> state = new AtomicReference<>(NEVER);

    private final long usableNanos;

    Permission(Duration lease, Duration stopBound) {
        this.usableNanos = lease.minus(stopBound).toNanos();
    }

    /**
     * Credits a confirmed renewal. The deadline only moves forward: the reply to an older renewal changes nothing.
     *
     * @param renewSentAt the time before that renewal was sent
     * @return whether children may run as of {@code now}
     */
    public boolean extend(long renewSentAt, long now) {
        Long deadline = renewSentAt + usableNanos;
        state.updateAndGet(s -> s == ENDED || (s instanceof Long old && old - deadline >= 0) ? s : deadline);
        return valid(now);
    }

    public boolean valid(long now) {
        return state.get() instanceof Long deadline && now - deadline < 0;
    }

    /** Ends the permission for good: the incarnation was declared dead, or left. */
    public void end() {
        state.set(ENDED);
    }

    /** Does the same as {@link #end}. Returns whether this call ended the permission. */
    public boolean endNow() {
        return state.getAndSet(ENDED) != ENDED;
    }

    boolean ended() {
        return state.get() == ENDED;
    }

    /** The deadline, or null if there is none to watch. */
    @Nullable
    public Long deadline() {
        return state.get() instanceof Long deadline ? deadline : null;
    }

    public Duration headroom(long now) {
        Long deadline = deadline();
        return deadline == null || now - deadline >= 0 ? Duration.ZERO : Duration.ofNanos(deadline - now);
    }
}
