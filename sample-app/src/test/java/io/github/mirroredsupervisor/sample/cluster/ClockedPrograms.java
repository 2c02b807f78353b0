package io.github.mirroredsupervisor.sample.cluster;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The programs of a PostgreSQL whose server runs with a clock that can be set. */
final class ClockedPrograms implements PgBinaryResolver {

    /** The programs are unpacked to a subfolder, whose {@code bin} has the server. */
    private static final int DEPTH = 3;

    private final Path folder;

    /**
     * Unpacks to the given folder. The library unpacks once for each resolver, so each of these is a separate resolver.
     */
    ClockedPrograms(Path folder) {
        this.folder = folder;
    }

    @Override
    public InputStream getPgBinary(String system, String machineHardware) throws IOException {
        return DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, machineHardware);
    }

    File folder() {
        return folder.toFile();
    }

    /** Call this after they were unpacked. Replaces the server's program by a script that starts it with the clock. */
    void use(WallClock clock) {
        try (Stream<Path> tree = Files.find(folder, DEPTH, (path, file) -> path.endsWith("bin/postgres"))) {
            Path server = tree.findFirst().orElseThrow();
            Path genuine = Files.move(server, server.resolveSibling("postgres-itself"));
            Files.writeString(server, script(genuine, clock));
            Files.setPosixFilePermissions(server, Files.getPosixFilePermissions(genuine));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot give the server another clock", e);
        }
    }

    private static String script(Path genuine, WallClock clock) {
        String variables = clock.environment().entrySet().stream()
                .map(variable -> variable.getKey() + "='" + variable.getValue() + "'")
                .collect(Collectors.joining(" "));
        return "#!/bin/sh\nexec env " + variables + " '" + genuine + "' \"$@\"\n";
    }
}
