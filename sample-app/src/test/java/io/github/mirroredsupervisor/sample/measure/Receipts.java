package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.DatabaseServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Commits one row after the other, and remembers which of them the server acknowledged, and when: so it is known which
 * acknowledged commits a failover lost, and for how long nothing could be committed. Thread-safe.
 */
final class Receipts implements AutoCloseable {

    private static final long PACE_NANOS = Duration.ofMillis(10).toNanos();

    private final DatabaseServer database;
    private final Thread thread;

    /** Guarded by this. */
    private final List<Receipt> acknowledged = new ArrayList<>();

    private volatile boolean over;

    /** An acknowledged commit. */
    record Receipt(long number, long nanos) {}

    /** A time in which nothing was committed. */
    record Gap(long fromNanos, long toNanos) {

        double millis() {
            return (toNanos - fromNanos) / 1e6;
        }
    }

    private Receipts(DatabaseServer database) {
        this.database = database;
        this.thread = new Thread(this::write, "receipts");
        thread.setDaemon(true);
    }

    static Receipts start(DatabaseServer database, JdbcClient jdbc) {
        jdbc.sql("create table receipt (number bigint primary key)").update();
        Receipts receipts = new Receipts(database);
        receipts.thread.start();
        return receipts;
    }

    private void write() {
        Connection connection = null;
        for (long number = 1; !over; number++) {
            try {
                connection = connection == null ? open() : connection;
                try (PreparedStatement insert = connection.prepareStatement("insert into receipt values (?)")) {
                    insert.setLong(1, number);
                    insert.executeUpdate();
                }
                note(new Receipt(number, System.nanoTime()));
            } catch (SQLException e) {
                abort(connection);
                connection = null;
            }
            LockSupport.parkNanos(PACE_NANOS);
        }
        abort(connection);
    }

    private Connection open() throws SQLException {
        return DriverManager.getConnection(database.getJdbcUrl(), database.getUsername(), database.getPassword());
    }

    /** Not close(), which may wait for a server that does not answer. */
    private static void abort(@Nullable Connection connection) {
        try {
            if (connection != null) {
                connection.abort(Runnable::run);
            }
        } catch (SQLException e) {
            // Then it is over as well.
        }
    }

    private synchronized void note(Receipt receipt) {
        acknowledged.add(receipt);
    }

    private synchronized List<Receipt> since(long nanos) {
        return acknowledged.stream()
                .filter(receipt -> receipt.nanos() - nanos >= 0)
                .toList();
    }

    synchronized int count() {
        return acknowledged.size();
    }

    /** The longest time since that moment in which nothing was committed. */
    Gap longestGap(long fromNanos) {
        return longestGap(
                fromNanos, since(fromNanos).stream().map(Receipt::nanos).toList());
    }

    static Gap longestGap(long fromNanos, List<Long> commits) {
        Gap longest = new Gap(fromNanos, fromNanos);
        long before = fromNanos;
        for (long commit : commits) {
            if (commit - before > longest.toNanos() - longest.fromNanos()) {
                longest = new Gap(before, commit);
            }
            before = commit;
        }
        return longest;
    }

    /** The acknowledged commits of which the server knows nothing. */
    List<Long> lost(JdbcClient jdbc) {
        List<Receipt> expected;
        synchronized (this) {
            expected = List.copyOf(acknowledged);
        }
        Set<Long> found = new HashSet<>(
                jdbc.sql("select number from receipt").query(Long.class).list());
        return expected.stream()
                .map(Receipt::number)
                .filter(number -> !found.contains(number))
                .toList();
    }

    @Override
    public void close() {
        over = true;
    }
}
