package io.github.mirroredsupervisor.sample.cluster;

import io.github.mirroredsupervisor.sample.process.GuardianProcess;
import io.github.mirroredsupervisor.sample.process.Signals;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One of the PostgreSQL servers, and the Patroni beside it that starts, promotes and demotes it. For one thread. */
public final class PatroniServer {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Of both: their identity is the timeline and when they were started. */
    private static final String IDENTITY = """
            select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || ' since ' || pg_postmaster_start_time()
            """;

    private final String name;
    private final int port;
    private final int restPort;
    private final Path data;
    private final Path log;
    private final List<String> command;
    private final GuardianProcess guardian;
    private @Nullable Process patroni;

    /**
     * Starts nothing yet.
     *
     * @param port the server's
     * @param restPort where its Patroni answers
     * @param data the folder of the server's data
     * @param log of both
     * @param command starts its Patroni
     */
    PatroniServer(
            String name, int port, int restPort, Path data, Path log, List<String> command, GuardianProcess guardian) {
        this.name = name;
        this.port = port;
        this.restPort = restPort;
        this.data = data;
        this.log = log;
        this.command = command;
        this.guardian = guardian;
    }

    public String name() {
        return name;
    }

    int port() {
        return port;
    }

    int restPort() {
        return restPort;
    }

    /** Starts its Patroni, which starts the server. */
    public void start() {
        ProcessBuilder builder = new ProcessBuilder(Unprivileged.command(command));
        builder.environment().putAll(Map.of("HOME", data.getParent().toString(), "LC_ALL", "C.UTF-8"));
        guardian.server(data);
        patroni = Programs.start(builder, log, guardian);
    }

    /** SIGKILL for Patroni and for the server: what remains of a host that lost its power. */
    public void crash() {
        Process victim = patroni;
        if (victim != null) {
            victim.destroyForcibly()
                    .onExit()
                    .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .join();
            patroni = null;
        }
        ProcessHandle postmaster = postmaster().orElseThrow();
        List<ProcessHandle> sessions = postmaster.children().toList();
        Signals.send("KILL", postmaster.pid());
        sessions.forEach(ProcessHandle::destroyForcibly); // also such as stand still
        postmaster.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    /** SIGSTOP for its Patroni alone: the server runs on, whatever the others decide. */
    public void pausePatroni() {
        if (patroni != null) {
            Signals.pause(patroni.pid());
        }
    }

    /** SIGCONT. */
    public void resumePatroni() {
        if (patroni != null) {
            Signals.resume(patroni.pid());
        }
    }

    /** SIGSTOP for the processes that send what is committed: the other server receives nothing from now on. */
    public void holdBackReplication() {
        Signals.pause(query("select pid from pg_stat_replication").stream()
                .map(Long::valueOf)
                .toList());
    }

    /** Which server this is, and that it is a primary; fails on a standby. */
    public String identity() {
        return query(IDENTITY).get(0);
    }

    /** The first column of what this very server answers. */
    public List<String> query(String sql) {
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + port + "/postgres?connectTimeout=2&socketTimeout=5",
                        PatroniCluster.USER,
                        "");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(String.valueOf(rows.getString(1)));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException("Server " + name + " does not answer: " + sql, e);
        }
    }

    private Optional<ProcessHandle> postmaster() {
        try {
            String pid =
                    Files.readAllLines(data.resolve("postmaster.pid")).get(0).trim();
            return ProcessHandle.of(Long.parseLong(pid));
        } catch (IOException e) {
            throw new UncheckedIOException("Server " + name + " does not run", e);
        }
    }

    /** Ends both in good order, if they do so in time. */
    void stop() {
        Process ending = patroni;
        if (ending == null) {
            return;
        }
        Signals.resume(ending.pid());
        ending.destroy();
        try {
            if (!ending.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                ending.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
