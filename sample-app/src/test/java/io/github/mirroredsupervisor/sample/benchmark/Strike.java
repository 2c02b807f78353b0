package io.github.mirroredsupervisor.sample.benchmark;

import io.github.mirroredsupervisor.sample.launcher.InvalidArgumentException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What is done to the owner, and what is measured then. */
enum Strike {
    /** SIGKILL; until another process acts. */
    KILL,
    /** SIGSTOP, and SIGCONT when another process acts; from the last act to that of another process. */
    HANG,
    /** SIGTERM; from the last act to that of another process. */
    STOP,
    /** SIGKILL for the owner of many; until all of them have begun elsewhere. */
    MASS,
    /** Nothing; what the processes cost. */
    REST;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Parses a comma-separated list; empty means all. */
    static List<Strike> list(String names) {
        if (names.isEmpty()) {
            return List.of(values());
        }
        List<String> wanted = List.of(names.split(",", -1));
        for (String name : wanted) {
            if (Arrays.stream(values()).noneMatch(strike -> strike.label().equals(name))) {
                throw new InvalidArgumentException("--strikes: there is no '" + name + "'. Strikes: "
                        + Arrays.stream(values()).map(Strike::label).collect(Collectors.joining(", ")));
            }
        }
        return Arrays.stream(values())
                .filter(strike -> wanted.contains(strike.label()))
                .toList();
    }
}
