package io.github.mirroredsupervisor.sample.cluster;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Where the programs are that a database with an automatic failover consists of. The embedded PostgreSQL has neither
 * pg_rewind nor pg_basebackup, so the servers are those of an installed one.
 *
 * @param patroni the program that decides which server is the primary
 * @param etcd where Patroni keeps who that is
 * @param haproxy leads to it
 * @param servers the folder of PostgreSQL's programs
 */
public record PatroniPrograms(Path patroni, Path etcd, Path haproxy, Path servers) {

    /** The system property that names the folder of PostgreSQL's programs, if it is not where Debian has it. */
    private static final String SERVERS = "postgresql.bin";

    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    private static final List<String> OF_SERVER =
            List.of("postgres", "initdb", "pg_ctl", "pg_controldata", "pg_rewind", "pg_basebackup");

    /** Why there can be no such database on this machine; empty if there can. */
    public static Optional<String> obstacle() {
        return obstacle(Files::isExecutable);
    }

    static Optional<String> obstacle(Predicate<Path> executable) {
        List<String> missing = new ArrayList<>();
        for (String program : List.of("patroni", "etcd", "haproxy")) {
            if (find(program, executable).isEmpty()) {
                missing.add(program);
            }
        }
        if (findServers(executable).isEmpty()) {
            missing.add(
                    "PostgreSQL's programs with pg_rewind and pg_basebackup (-D" + SERVERS + "=… names their folder)");
        }
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of("This needs " + String.join(", ", missing)
                        + ". On Debian: apt-get install patroni etcd-server haproxy postgresql");
    }

    /**
     * Finds them.
     *
     * @throws IllegalStateException if one is missing
     */
    static PatroniPrograms find() {
        Optional<String> obstacle = obstacle();
        if (obstacle.isPresent()) {
            throw new IllegalStateException(obstacle.get());
        }
        Predicate<Path> executable = Files::isExecutable;
        return new PatroniPrograms(
                find("patroni", executable).orElseThrow(),
                find("etcd", executable).orElseThrow(),
                find("haproxy", executable).orElseThrow(),
                findServers(executable).orElseThrow());
    }

    /** Servers are in a folder that is not on every user's path. */
    private static Optional<Path> find(String program, Predicate<Path> executable) {
        String path = String.valueOf(System.getenv("PATH")) + File.pathSeparator + "/usr/sbin";
        return Arrays.stream(path.split(File.pathSeparator))
                .map(folder -> Path.of(folder, program))
                .filter(executable)
                .findFirst();
    }

    private static Optional<Path> findServers(Predicate<Path> executable) {
        String named = System.getProperty(SERVERS);
        Stream<Path> folders = named == null ? installed().stream() : Stream.of(Path.of(named));
        return folders.filter(folder -> OF_SERVER.stream().map(folder::resolve).allMatch(executable))
                .findFirst();
    }

    /** The newest version first. */
    private static List<Path> installed() {
        if (!Files.isDirectory(DEBIAN)) {
            return List.of();
        }
        try (Stream<Path> versions = Files.list(DEBIAN)) {
            return versions.filter(version -> version.getFileName().toString().matches("\\d+"))
                    .sorted(Comparator.comparing((Path version) ->
                                    Integer.valueOf(version.getFileName().toString()))
                            .reversed())
                    .map(version -> version.resolve("bin"))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
