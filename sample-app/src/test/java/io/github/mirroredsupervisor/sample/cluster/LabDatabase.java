package io.github.mirroredsupervisor.sample.cluster;

import io.github.mirroredsupervisor.sample.process.GuardianProcess;
import io.github.mirroredsupervisor.sample.process.RunFolder;
import io.github.mirroredsupervisor.sample.process.Signals;
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

/** An embedded PostgreSQL that can be crashed, paused, followed by a standby and given another clock. */
public final class LabDatabase extends EmbeddedDatabase {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final RunFolder folder;
    private final GuardianProcess guardian;

    /** Guarded by this. */
    private @Nullable Standby standby;

    /** Guarded by this. */
    private List<Long> paused = List.of();

    /** Guarded by this. */
    private int standbys;

    /** Guarded by this. Null while its clock cannot be set. */
    private @Nullable ClockedPrograms programs;

    public LabDatabase(GuardianProcess guardian) {
        super(guardian);
        this.folder = guardian.folder();
        this.guardian = guardian;
    }

    /** Starts the stopped server again, on the same port and data. */
    public synchronized void start() {
        start(programmed(), data());
    }

    private EmbeddedPostgres.Builder programmed() {
        EmbeddedPostgres.Builder builder = builder(folder);
        ClockedPrograms own = programs;
        return own == null ? builder : builder.setPgBinaryResolver(own).setOverrideWorkingDirectory(own.folder());
    }

    /**
     * Ends the server's processes at once, without a checkpoint, so that its next start recovers what was committed.
     */
    public synchronized void crash() {
        if (isStarted()) {
            ProcessHandle postmaster = postmaster();
            Signals.send("QUIT", postmaster.pid());
            postmaster
                    .onExit()
                    .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .join();
            stop();
        }
    }

    /** SIGKILL for the process behind one session: the server then also ends all other sessions, and recovers. */
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

    /** SIGCONT for the paused processes, all at once: one session must not wait for another. */
    public synchronized void resume() {
        if (!paused.isEmpty()) {
            Signals.resume(paused);
            paused = List.of();
        }
    }

    /** Restarts the server so that its clock can be set. */
    public synchronized WallClock makeClockSettable() {
        WallClock clock = new WallClock(data().resolveSibling("clock-of-server"));
        stop();
        programs = new ClockedPrograms(data().resolveSibling("programs"));
        start(); // which unpacks them
        stop();
        programs.use(clock);
        start();
        return clock;
    }

    /**
     * Restarts the server so that a standby follows it.
     *
     * @param synchronous whether a commit waits for it
     */
    public synchronized void addStandby(boolean synchronous) {
        stop();
        Path copy = data().resolveSibling("data-" + ++standbys);
        guardian.server(copy);
        Standby.copy(data(), copy);
        start();
        standby = Standby.start(folder, copy, this);
        if (synchronous) {
            execute("alter system set synchronous_standby_names = '" + Standby.NAME + "'");
            execute("select pg_reload_conf()");
        }
        standby.awaitFollowing(this);
    }

    /** The standby receives nothing that is committed from now on. */
    public synchronized void cutReplication() {
        Objects.requireNonNull(standby, "there is no standby").stop();
    }

    /** The server crashes, and its standby takes its place and its port. */
    public synchronized void failOver() {
        Standby successor = Objects.requireNonNull(standby, "there is no standby");
        crash();
        Path data = successor.stop();
        standby = null;
        start(programmed(), data);
        execute("alter system reset synchronous_standby_names");
        execute("select pg_promote()");
        execute("select pg_reload_conf()");
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
                    Files.readAllLines(data().resolve("postmaster.pid")).get(0).trim();
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
}
