package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.WallClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** The database's wall clock, and the history of its settings. For one thread. */
final class ServerClock {

    /**
     * A stamp may be this much off: it is read a moment after the clock was set, or a transaction still has the time
     * that it read before.
     */
    private static final long SLACK_NANOS = Duration.ofSeconds(5).toNanos();

    private final @Nullable WallClock clock;
    private final List<Setting> settings = new ArrayList<>();

    /** From this moment on the clock was this far ahead. */
    private record Setting(long nanos, Duration ahead) {}

    /**
     * Starts with a correct clock.
     *
     * @param clock null if it cannot be set
     */
    ServerClock(@Nullable WallClock clock) {
        this.clock = clock;
        this.settings.add(new Setting(System.nanoTime(), Duration.ZERO));
    }

    void set(Duration ahead) {
        settings.add(new Setting(System.nanoTime(), ahead));
        Objects.requireNonNull(clock, "it can be set").set(ahead);
    }

    /**
     * Converts a time that the clock showed to {@link System#nanoTime()}. If the clock was set back and so showed it
     * more than once, the last of them.
     */
    ToLongFunction<Instant> nanos() {
        long now = System.nanoTime();
        Instant wall = Instant.now();
        return shown -> nanosOf(now, now - Duration.between(shown, wall).toNanos());
    }

    private long nanosOf(long now, long asIfRight) {
        long until = now;
        for (int i = settings.size() - 1; i >= 0; i--) {
            Setting setting = settings.get(i);
            long nanos = asIfRight - setting.ahead().toNanos();
            if (nanos - setting.nanos() > -SLACK_NANOS && nanos - until < SLACK_NANOS) {
                return nanos;
            }
            until = setting.nanos();
        }
        return asIfRight;
    }
}
