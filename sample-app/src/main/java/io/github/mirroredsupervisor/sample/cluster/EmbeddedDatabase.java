package io.github.mirroredsupervisor.sample.cluster;

import io.github.mirroredsupervisor.sample.process.GuardianProcess;
import io.github.mirroredsupervisor.sample.process.LogTail;
import io.github.mirroredsupervisor.sample.process.RunFolder;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A real PostgreSQL on a free port of the loopback interface, from Maven artifacts. */
public class EmbeddedDatabase implements DatabaseServer, AutoCloseable {

    private static final String USER = "postgres";

    private final RunFolder folder;
    private final int port;

    /** Guarded by this. */
    private Path data;

    /** Guarded by this. Null while stopped. */
    private @Nullable EmbeddedPostgres server;

    public EmbeddedDatabase(GuardianProcess guardian) {
        this.folder = guardian.folder();
        this.data = folder.data();
        guardian.server(data);
        this.server = start(builder(folder), folder, data, 0);
        this.port = server.getPort();
    }

    @Override
    public String getJdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    @Override
    public String getUsername() {
        return USER;
    }

    @Override
    public String getPassword() {
        return "";
    }

    @Override
    public String description() {
        return "embedded PostgreSQL on port " + port;
    }

    @Override
    public List<String> nodeProperties() {
        return List.of("--spring.datasource.url=" + getJdbcUrl(), "--spring.datasource.username=" + USER);
    }

    int port() {
        return port;
    }

    /** The server's log. */
    public Path log() {
        return log(folder);
    }

    private static Path log(RunFolder folder) {
        return folder.logs().resolve("postgresql.log");
    }

    /** The folder of its data. */
    public synchronized Path data() {
        return data;
    }

    /** Starts the stopped server again, on the same port. */
    synchronized void start(EmbeddedPostgres.Builder builder, Path data) {
        if (server == null) {
            this.data = data;
            server = start(builder, folder, data, port);
        }
    }

    /** Stops the server in its fast mode: sessions are ended, the data stay. */
    public synchronized void stop() {
        if (server != null) {
            try {
                server.close();
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot stop the embedded PostgreSQL", e);
            }
            server = null;
        }
    }

    synchronized boolean isStarted() {
        return server != null;
    }

    @Override
    public synchronized void close() {
        stop();
    }

    static EmbeddedPostgres.Builder builder(RunFolder folder) {
        ProcessBuilder.Redirect log =
                ProcessBuilder.Redirect.appendTo(log(folder).toFile());
        return EmbeddedPostgres.builder()
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPGStartupWait(Duration.ofSeconds(60))
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("unix_socket_directories", "")
                .setServerConfig("synchronous_commit", "on") // as servers have it
                .setOutputRedirector(log)
                .setErrorRedirector(log);
    }

    static EmbeddedPostgres start(EmbeddedPostgres.Builder builder, RunFolder folder, Path data, int port) {
        try {
            return builder.setDataDirectory(data).setPort(port).start();
        } catch (IOException | RuntimeException e) {
            throw new IllegalStateException(
                    "The embedded PostgreSQL did not start. To use a database of your own instead, add"
                            + " --spring.datasource.url=jdbc:postgresql://… The server wrote:\n"
                            + LogTail.of(log(folder)),
                    e);
        }
    }
}
