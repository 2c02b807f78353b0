package io.github.mirroredsupervisor.postgres;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.mirror.HintSession;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * The listen connection. The driver's wait notices a closed connection at once and a dead line never, so the wait is cut into slices
 * with a question in between, about once per lease (faults §3).
 */
final class PostgresHintSession implements HintSession {

    private static final String LISTEN = "listen " + Hints.CHANNEL;

    private final Link link;
    private final Hints hints;
    private final Duration pingInterval;
    private final ListenProbe probe;
    private long lastAnswer;

    PostgresHintSession(Link link, Hints hints, Bounds bounds, ListenProbe probe) {
        this.link = link;
        this.hints = hints;
        this.pingInterval = bounds.ping();
        this.probe = probe;
    }

    @Override
    public List<Hint> await(PeerId me, Duration limit) {
        if (!link.isOpen()) {
            return link.raw("listen for notifications", this::listen);
        }
        long start = System.nanoTime();
        Set<Hint> found = Set.of();
        Duration left = limit;
        while (found.isEmpty() && !left.isNegative() && !left.isZero()) {
            Duration slice = left;
            found = link.raw("wait for notifications", connection -> slice(connection, slice));
            left = limit.minusNanos(System.nanoTime() - start);
        }
        return found.contains(Hint.EVERYTHING) ? List.of(Hint.EVERYTHING) : List.copyOf(found);
    }

    @Override
    public void close() {
        link.close();
    }

    private List<Hint> listen(Connection connection) throws SQLException {
        execute(connection, LISTEN);
        probe.run(connection);
        lastAnswer = System.nanoTime();
        return List.of(Hint.EVERYTHING);
    }

    private Set<Hint> slice(Connection connection, Duration left) throws SQLException {
        Duration untilPing = pingInterval.minusNanos(System.nanoTime() - lastAnswer);
        Duration wait = left.compareTo(untilPing) < 0 ? left : untilPing;
        List<PGNotification> notifications =
                wait.toMillis() > 0 ? received(connection, Math.toIntExact(wait.toMillis())) : List.of();
        if (notifications.isEmpty()
                && pingInterval.minusNanos(System.nanoTime() - lastAnswer).toMillis() <= 0) {
            execute(connection, "");
            lastAnswer = System.nanoTime();
        } else if (!notifications.isEmpty()) {
            lastAnswer = System.nanoTime();
        }
        Set<Hint> found = new LinkedHashSet<>();
        for (PGNotification notification : notifications) {
            hints.read(notification.getParameter()).ifPresent(found::add);
        }
        return found;
    }

    private static List<PGNotification> received(Connection connection, int millis) throws SQLException {
        PGNotification[] notifications = connection.unwrap(PGConnection.class).getNotifications(millis);
        return notifications == null ? new ArrayList<>() : List.of(notifications);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
