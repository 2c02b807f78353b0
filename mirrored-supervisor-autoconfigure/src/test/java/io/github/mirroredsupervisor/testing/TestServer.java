package io.github.mirroredsupervisor.testing;

import static org.awaitility.Awaitility.await;

import com.github.dockerjava.api.DockerClient;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * A PostgreSQL server. It comes from embedded binaries, or from a container if the system property
 * {@code mirrored-supervisor.test.postgres} is {@code testcontainers}.
 */
interface TestServer extends AutoCloseable {

    /** How long a start or a stop may take. */
    Duration PATIENCE = Duration.ofSeconds(60);

    Database database(String name);

    /** Shuts down in order: sessions are notified. */
    void stopFast();

    /** Stops as in a power loss; the disk stays intact. */
    void stopImmediate();

    /** On the same port, with the same data. */
    void start();

    @Override
    void close();

    /** Starts a new one. It is closed when the JVM ends, if not before. */
    static TestServer create() {
        return create(300);
    }

    /** Starts a new one that allows so many connections. */
    static TestServer create(int connections) {
        return "testcontainers".equals(System.getProperty("mirrored-supervisor.test.postgres"))
                ? new Container(connections)
                : new Embedded(connections);
    }

    /** From the embedded binaries. */
    final class Embedded implements TestServer {

        private final Path data;
        private final int connections;
        private EmbeddedPostgres server;

        Embedded(int connections) {
            this.connections = connections;
            try {
                data = Files.createTempDirectory("test-postgres");
                server = launch(0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            Runtime.getRuntime().addShutdownHook(new Thread(this::close, "close-test-postgres"));
        }

        @Override
        public Database database(String name) {
            return new Database("jdbc:postgresql://localhost:" + server.getPort() + "/" + name, "postgres", "postgres");
        }

        @Override
        public void stopFast() {
            stop("-INT");
        }

        @Override
        public void stopImmediate() {
            stop("-QUIT");
        }

        @Override
        public void start() {
            try {
                server = launch(server.getPort());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            stopImmediate();
            deleteData();
        }

        private EmbeddedPostgres launch(int port) throws IOException {
            EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                    .setDataDirectory(data)
                    .setCleanDataDirectory(false)
                    .setPGStartupWait(PATIENCE)
                    .setRegisterShutdownHook(false)
                    .setServerConfig("max_connections", Integer.toString(connections))
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("fsync", "off");
            return port == 0 ? builder.start() : builder.setPort(port).start();
        }

        private void stop(String signal) {
            try {
                Path pidFile = data.resolve("postmaster.pid");
                if (!Files.exists(pidFile)) {
                    return;
                }
                long pid = Long.parseLong(Files.readAllLines(pidFile).get(0).strip());
                ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
                new ProcessBuilder(List.of("kill", signal, Long.toString(pid)))
                        .start()
                        .waitFor();
                postmaster.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                server.close();
            } catch (Exception e) {
                throw new IllegalStateException("Could not stop the server", e);
            }
        }

        /**
         * Deletes the data in a process that outlives this one: hundreds of databases take longer than a JVM may take
         * to end.
         */
        private void deleteData() {
            try {
                new ProcessBuilder(List.of("rm", "-rf", data.toString())).start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * Runs a container image: {@code postgres:18} unless {@code mirrored-supervisor.test.postgres.image} names another.
     */
    final class Container implements TestServer {

        private final PostgreSQLContainer container;

        Container(int connections) {
            container = new PostgreSQLContainer(
                            System.getProperty("mirrored-supervisor.test.postgres.image", "postgres:18"))
                    .withCommand("postgres", "-c", "fsync=off", "-c", "max_connections=" + connections);
            // A port that Docker chose would change after a stop. No hook removes the container: Testcontainers does
            // so when the JVM ends, and two concurrent removals can hang the exit.
            container.setPortBindings(List.of(freePort() + ":" + PostgreSQLContainer.POSTGRESQL_PORT));
            container.start();
        }

        private static int freePort() {
            try (ServerSocket socket = new ServerSocket(0)) {
                return socket.getLocalPort();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Database database(String name) {
            String url = container.getJdbcUrl().replaceFirst("/[^/?]*(\\?.*)?$", "/" + name);
            return new Database(url, container.getUsername(), container.getPassword());
        }

        @Override
        public void stopFast() {
            kill("SIGINT");
        }

        @Override
        public void stopImmediate() {
            kill("SIGQUIT");
        }

        @Override
        public void start() {
            docker().startContainerCmd(container.getContainerId()).exec();
            await().atMost(PATIENCE).ignoreExceptions().until(this::answers);
        }

        @Override
        public void close() {
            container.stop();
        }

        private void kill(String signal) {
            if (!container.isRunning()) {
                return;
            }
            docker().killContainerCmd(container.getContainerId())
                    .withSignal(signal)
                    .exec();
            // The signal is only sent; starting a container that still runs does nothing.
            docker().waitContainerCmd(container.getContainerId())
                    .start()
                    .awaitStatusCode(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }

        private boolean answers() throws SQLException {
            try (Connection connection = database("postgres").connect()) {
                return connection.isValid(1);
            }
        }

        private static DockerClient docker() {
            return DockerClientFactory.instance().client();
        }
    }
}
