package io.github.mirroredsupervisor.sample.benchmark;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When and where a benchmark ran.
 *
 * @param date the day, in UTC
 * @param machine processor, memory and operating system
 * @param java the JDK
 * @param postgres the server's version
 * @param loadBefore the system's load average of the minute before the benchmark began; negative if it tells none
 */
record Surroundings(LocalDate date, String machine, String java, String postgres, double loadBefore) {

    static Surroundings of(String postgres) {
        return new Surroundings(
                LocalDate.now(ZoneOffset.UTC),
                describeMachine(),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"),
                postgres,
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static String describeMachine() {
        return String.format(
                Locale.ROOT,
                "%s, %d processors%s, %s %s",
                firstOf("/proc/cpuinfo", "model name").orElse(System.getProperty("os.arch")),
                Runtime.getRuntime().availableProcessors(),
                firstOf("/proc/meminfo", "MemTotal")
                        .map(text -> ", " + Long.parseLong(text.replaceAll("\\D", "")) / 1024 / 1024 + " GiB")
                        .orElse(""),
                System.getProperty("os.name"),
                System.getProperty("os.version"));
    }

    private static Optional<String> firstOf(String file, String field) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.startsWith(field))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The version of a Maven artifact on the class path; empty if its file is named otherwise. */
    static String version(String artifact) {
        Pattern jar = Pattern.compile(Pattern.quote(artifact) + "-(\\d.*)\\.jar");
        return Arrays.stream(System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator), -1))
                .map(entry -> jar.matcher(entry.substring(entry.lastIndexOf(File.separatorChar) + 1)))
                .filter(Matcher::matches)
                .map(matcher -> matcher.group(1))
                .findFirst()
                .orElse("");
    }
}
