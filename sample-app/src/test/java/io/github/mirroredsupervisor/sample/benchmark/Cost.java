package io.github.mirroredsupervisor.sample.benchmark;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What a system costs while nothing happens, for each of its processes and second.
 *
 * @param contender whose
 * @param statements that the database ran for it, those that begin and end transactions included
 * @param bytes that it read and wrote; empty where the system does not show it in files, which only Linux does
 * @param cpuMillis milliseconds of processor time
 */
record Cost(Contender contender, double statements, OptionalDouble bytes, double cpuMillis) {

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.2f statements, %s bytes, %.1f ms of CPU per process and second",
                statements,
                bytes.isPresent() ? String.format(Locale.ROOT, "%.0f", bytes.getAsDouble()) : "?",
                cpuMillis);
    }
}
