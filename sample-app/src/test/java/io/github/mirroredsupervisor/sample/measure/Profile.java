package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.launcher.InvalidArgumentException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/** The library's profile that is measured. */
enum Profile {
    FAST(Duration.ofMillis(600), Duration.ofMillis(700)),
    BALANCED(Duration.ofSeconds(3), Duration.ofMillis(3_100)),
    TOLERANT(Duration.ofSeconds(15), Duration.ofMillis(15_500));

    private final Duration lease;
    private final Duration takeoverLimit;

    Profile(Duration lease, Duration takeoverLimit) {
        this.lease = lease;
        this.takeoverLimit = takeoverLimit;
    }

    static Profile of(String name) {
        return Arrays.stream(values())
                .filter(profile -> profile.label().equals(name))
                .findFirst()
                .orElseThrow(() -> new InvalidArgumentException(
                        "--profile=" + name + " cannot be used: fast, balanced (the default) or tolerant"));
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    Duration lease() {
        return lease;
    }

    Duration renewInterval() {
        return lease.dividedBy(5);
    }

    /** The limit for the median takeover after a crash or a hang. */
    Duration takeoverLimit() {
        return takeoverLimit;
    }
}
