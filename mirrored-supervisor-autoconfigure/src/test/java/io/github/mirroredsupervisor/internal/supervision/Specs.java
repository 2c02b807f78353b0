package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.internal.supervision.values.SupervisorFlags;
import java.time.Duration;

/** Child specs for tests. */
public final class Specs {

    /** Half a second to end when the permission is lost, and a lease of three. Two independent starts at a time. */
    public static final SupervisorFlags.Bounds BOUNDS = bounds(2);

    static SupervisorFlags.Bounds bounds(int starts) {
        return new SupervisorFlags.Bounds(starts, Duration.ofMillis(500), Duration.ofSeconds(3));
    }

    private Specs() {}

    public static ChildSpec permanent(String id) {
        return ChildSpec.of(id, "test");
    }

    static ChildSpec trans(String id) {
        return permanent(id).withRestart(RestartType.TRANSIENT);
    }

    static ChildSpec temporary(String id) {
        return permanent(id).withRestart(RestartType.TEMPORARY);
    }

    static ChildSpec brutal(String id) {
        return permanent(id).withShutdown(new Shutdown.Brutal());
    }

    static ChildSpec patient(String id) {
        return permanent(id).withShutdown(new Shutdown.Infinity());
    }

    static ChildSpec delayed(String id, int seconds) {
        return permanent(id).withRestartDelay(Duration.ofSeconds(seconds));
    }
}
