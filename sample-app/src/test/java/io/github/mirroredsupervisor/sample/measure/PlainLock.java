package io.github.mirroredsupervisor.sample.measure;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A lock of an ordinary, idle database session of a process: when it is granted to somebody else, the kernel has torn
 * the process down and the server has noticed. What takes children over as soon as that happened can hardly be faster.
 */
public final class PlainLock {

    /** The first half of the keys; the second is the process id. */
    private static final int SPACE = 0x7EA2D0;

    private PlainLock() {}

    /** Takes this process's lock, for as long as the session lives. */
    public static void hold(Connection session) throws SQLException {
        try (PreparedStatement lock = session.prepareStatement("select pg_advisory_lock(?, ?)")) {
            lock.setInt(1, SPACE);
            lock.setInt(2, Math.toIntExact(ProcessHandle.current().pid()));
            lock.execute();
        }
    }

    /** Waits for the lock of another process, and returns the {@link System#nanoTime()} at which it was granted. */
    public static long awaitEnd(JdbcClient jdbc, long pid) {
        jdbc.sql("select pg_advisory_xact_lock_shared(?, ?)")
                .param(SPACE)
                .param(Math.toIntExact(pid))
                .query((row, number) -> true)
                .single();
        return System.nanoTime();
    }

    /** Whether somebody waits for the lock of a process. */
    public static boolean isAwaited(JdbcClient jdbc, long pid) {
        return jdbc.sql("select exists (select from pg_locks where locktype = 'advisory' and not granted"
                        + " and classid = ? and objid = ?)")
                .param(SPACE)
                .param(pid)
                .query(Boolean.class)
                .single();
    }
}
