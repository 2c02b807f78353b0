package io.github.mirroredsupervisor.sample.cluster;

import io.github.mirroredsupervisor.sample.process.GuardianProcess;
import io.github.mirroredsupervisor.sample.process.LogTail;
import io.github.mirroredsupervisor.sample.process.RunFolder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/** A connection pooler between the nodes and their database, if one is installed on this machine. */
public final class PgBouncer implements AutoCloseable {

    /** The program. The system property names its path if it is not on the search path. */
    private static final String PROGRAM = System.getProperty("pgbouncer", "pgbouncer");

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Process process;
    private final InetSocketAddress address;

    private PgBouncer(Process process, InetSocketAddress address) {
        this.process = process;
        this.address = address;
    }

    /**
     * Starts one.
     *
     * @param mode {@code session} or {@code transaction}
     * @throws IllegalStateException if there is none on this machine, or it does not start
     */
    public static PgBouncer start(String mode, DatabaseServer database, GuardianProcess guardian) {
        RunFolder folder = guardian.folder();
        try {
            InetSocketAddress address = freeAddress();
            Path settings = write(mode, database, folder, address.getPort());
            List<String> command = Unprivileged.command(List.of(PROGRAM, settings.toString()));
            ProcessBuilder.Redirect log = ProcessBuilder.Redirect.appendTo(
                    folder.logs().resolve("pgbouncer.log").toFile());
            Process process = new ProcessBuilder(command)
                    .redirectOutput(log)
                    .redirectError(log)
                    .start();
            guardian.process(process.pid());
            return new PgBouncer(process, address).awaitListening(folder.logs().resolve("pgbouncer.log"));
        } catch (IOException e) {
            throw new IllegalStateException(
                    "PgBouncer cannot be started: install the package pgbouncer, or leave --pooler out", e);
        }
    }

    private static InetSocketAddress freeAddress() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(free.getInetAddress(), free.getLocalPort());
        }
    }

    /**
     * Sessions are reset after each transaction too. Otherwise the next client would inherit the search path that a
     * migration sets.
     */
    private static Path write(String mode, DatabaseServer database, RunFolder parent, int port) throws IOException {
        URI server = URI.create(database.getJdbcUrl().substring("jdbc:".length()));
        Path folder = Files.createDirectory(parent.root().resolve("pooler"));
        Unprivileged.open(List.of(parent.root(), folder));
        Path users = Files.writeString(folder.resolve("users.txt"), "\"" + database.getUsername() + "\" \"\"\n");
        return Files.writeString(
                folder.resolve("pgbouncer.ini"),
                String.format(Locale.ROOT, """
                [databases]
                * = host=%s port=%d
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = trust
                auth_file = %s
                pool_mode = %s
                max_client_conn = 500
                default_pool_size = 60
                server_login_retry = 0.1
                server_reset_query_always = 1
                ignore_startup_parameters = extra_float_digits,options
                """, server.getHost(), server.getPort(), port, users, mode));
    }

    private PgBouncer awaitListening(Path log) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!isListening()) {
            if (!process.isAlive() || System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("PgBouncer did not start. It wrote:\n" + LogTail.of(log));
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
        return this;
    }

    private boolean isListening() {
        try (Socket attempt = new Socket(address.getAddress(), address.getPort())) {
            return attempt.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    public InetSocketAddress address() {
        return address;
    }

    @Override
    public void close() {
        process.destroy();
    }
}
