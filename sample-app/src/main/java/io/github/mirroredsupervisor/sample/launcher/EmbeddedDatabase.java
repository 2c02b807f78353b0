package io.github.mirroredsupervisor.sample.launcher;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A real PostgreSQL on a free port of the loopback interface, from Maven artifacts; it can be stopped and started again. */
public final class EmbeddedDatabase implements DatabaseServer, AutoCloseable {

    private static final String USER = "postgres";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final RunFolder folder;
    private final GuardianProcess guardian;

    /** Guarded by this. */
    private Path data;

    /** Guarded by this. */
    private @Nullable Standby standby;

    /** Guarded by this. Null while stopped. */
    private @Nullable EmbeddedPostgres server;

    /** Guarded by this. */
    private List<Long> paused = List.of();

    /** Guarded by this. */
    private int standbys;

    /** Guarded by this. Null while its clock cannot be set. */
    private @Nullable ClockedPrograms programs;

    private final int port;

    EmbeddedDatabase(RunFolder folder, GuardianProcess guardian) {
        this.folder = folder;
        this.guardian = guardian;
        this.data = folder.data();
        guardian.server(data);
        this.server = start(folder, data, 0, null);
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

    /** The server's log. */
    public Path log() {
        return log(folder);
    }

    private static Path log(RunFolder folder) {
        return folder.logs().resolve("postgresql.log");
    }

    @Override
    public String description() {
        return "embedded PostgreSQL on port " + port;
    }

    @Override
    public List<String> nodeProperties() {
        return List.of("--spring.datasource.url=" + getJdbcUrl(), "--spring.datasource.username=" + USER);
    }

    /** Starts the stopped server again, on the same port and data. */
    public synchronized void start() {
        if (server == null) {
            server = start(folder, data, port, programs);
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

    /** Ends the server's processes at once, without a checkpoint, so that its next start recovers what was committed. */
    public synchronized void crash() {
        if (server != null) {
            ProcessHandle postmaster = postmaster();
            Signals.send("QUIT", postmaster.pid());
            postmaster
                    .onExit()
                    .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .join();
            stop();
        }
    }

    /** SIGKILL for the process behind one session: the server then ends all others too, and recovers. */
    public void killBackend(long pid) {
        Signals.send("KILL", pid);
    }

    /** SIGSTOP for all of the server's processes: it accepts connections and answers nothing. */
    public synchronized void pause() {
        paused = Stream.concat(Stream.of(postmaster()), postmaster().children())
                .map(ProcessHandle::pid)
                .toList();
        Signals.pause(paused);
    }

    /** SIGCONT for those that were paused, all at once: one session must not wait for another. */
    public synchronized void resume() {
        if (!paused.isEmpty()) {
            Signals.resume(paused);
            paused = List.of();
        }
    }

    /** From now on its clock can be set, for which the server is restarted. */
    public synchronized WallClock makeClockSettable() {
        WallClock clock = new WallClock(data.resolveSibling("clock-of-server"));
        stop();
        programs = new ClockedPrograms(data.resolveSibling("programs"));
        start(); // which unpacks them
        stop();
        programs.use(clock);
        start();
        return clock;
    }

    /**
     * From now on a standby follows this server, which is restarted for that.
     *
     * @param synchronous whether a commit waits for it
     */
    public synchronized void addStandby(boolean synchronous) {
        stop();
        Path copy = data.resolveSibling("data-" + ++standbys);
        guardian.server(copy);
        Standby.copy(data, copy);
        start();
        standby = Standby.start(folder, copy, this);
        if (synchronous) {
            execute("alter system set synchronous_standby_names = '" + Standby.NAME + "'");
            execute("select pg_reload_conf()");
        }
        standby.awaitFollowing(this);
    }

    /** The standby hears of nothing any more that is committed from now on. */
    public synchronized void cutReplication() {
        Objects.requireNonNull(standby, "there is no standby").stop();
    }

    /** The server crashes, and its standby takes its place and its port. */
    public synchronized void failOver() {
        Standby successor = Objects.requireNonNull(standby, "there is no standby");
        crash();
        data = successor.stop();
        standby = null;
        start();
        execute("alter system reset synchronous_standby_names");
        execute("select pg_promote()");
        execute("select pg_reload_conf()");
    }

    int port() {
        return port;
    }

    /** Whether a standby receives what is committed, and keeps up. */
    boolean isFollowed() {
        try (Connection connection = DriverManager.getConnection(getJdbcUrl(), getUsername(), getPassword());
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(
                        "select from pg_stat_replication where state = 'streaming' and replay_lsn >= pg_current_wal_lsn() - 16384")) {
            return found.next();
        } catch (SQLException e) {
            return false;
        }
    }

    private void execute(String sql) {
        try (Connection connection = DriverManager.getConnection(getJdbcUrl(), getUsername(), getPassword());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("Cannot execute: " + sql, e);
        }
    }

    private ProcessHandle postmaster() {
        try {
            String pid =
                    Files.readAllLines(data.resolve("postmaster.pid")).get(0).trim();
            return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException("The embedded PostgreSQL does not run", e);
        }
    }

    @Override
    public synchronized void close() {
        resume();
        if (standby != null) {
            standby.stop();
        }
        stop();
    }

    static EmbeddedPostgres start(RunFolder folder, Path data, int port, @Nullable ClockedPrograms programs) {
        Path logFile = log(folder);
        ProcessBuilder.Redirect log = ProcessBuilder.Redirect.appendTo(logFile.toFile());
        try {
            return EmbeddedPostgres.builder()
                    .setPgBinaryResolver(programs == null ? DefaultPostgresBinaryResolver.INSTANCE : programs)
                    .setOverrideWorkingDirectory(programs == null ? null : programs.folder())
                    .setDataDirectory(data)
                    .setCleanDataDirectory(false)
                    .setRegisterShutdownHook(false)
                    .setPort(port)
                    .setPGStartupWait(Duration.ofSeconds(60))
                    .setServerConfig("listen_addresses", "127.0.0.1")
                    .setServerConfig("unix_socket_directories", "")
                    .setServerConfig("synchronous_commit", "on") // as servers have it
                    .setOutputRedirector(log)
                    .setErrorRedirector(log)
                    .start();
        } catch (IOException | RuntimeException e) {
            throw new IllegalStateException(
                    "The embedded PostgreSQL did not start. To use a database of your own instead, add"
                            + " --spring.datasource.url=jdbc:postgresql://… The server wrote:\n" + LogTail.of(logFile),
                    e);
        }
    }
}
