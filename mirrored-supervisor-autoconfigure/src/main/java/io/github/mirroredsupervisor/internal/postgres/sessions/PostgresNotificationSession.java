package io.github.mirroredsupervisor.internal.postgres.sessions;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.internal.postgres.announcements.Channels;
import io.github.mirroredsupervisor.internal.postgres.announcements.Notifications;
import io.github.mirroredsupervisor.internal.postgres.connection.ConnectionRoom;
import io.github.mirroredsupervisor.internal.postgres.connection.PrivateConnection;
import io.github.mirroredsupervisor.internal.postgres.connection.Timeouts;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listen connection. The driver's wait notices a closed connection at once but a dead line never. So the wait is
 * split into slices, with a ping about once per lease (faults F9). No statement on this connection ever waits for
 * anything, so the server notices at once when the process dies. That is why it holds the process's lock (faults F1).
 */
final class PostgresNotificationSession implements NotificationSession {

    private static final String UNLOCK = "select pg_catalog.pg_advisory_unlock_all()";

    private static final Logger logger = LoggerFactory.getLogger(PostgresNotificationSession.class);

    private final PrivateConnection link;
    private final Set<String> groups;
    private final Notifications hints;
    private final Duration pingInterval;
    private final @Nullable HeldSessionLock lock;
    private volatile @Nullable SessionLock held;
    private long lastAnswer;

    /** The peer that this session listens for; null if it does not listen. */
    private @Nullable PeerId listener;

    /** When this session stopped publishing its lock, in order to end; null if it is to stay. */
    private @Nullable Long yieldingSince;

    /** Until when there is no session, so that other peers can use its connection; null if there may be one. */
    private @Nullable Long restsUntil;

    private boolean yieldReported;

    /**
     * A session that is not connected yet.
     *
     * @param groups the groups of its peer
     * @param lock null if this process takes no part in session hints
     */
    PostgresNotificationSession(
            PrivateConnection link,
            Set<String> groups,
            Notifications hints,
            Timeouts bounds,
            @Nullable HeldSessionLock lock) {
        this.link = link;
        this.groups = groups;
        this.hints = hints;
        this.pingInterval = bounds.ping();
        this.lock = lock;
    }

    @Override
    public List<Hint> await(PeerId me, Duration limit) {
        try {
            if (rests(limit)) {
                return List.of();
            }
            if (!link.isOpen()) {
                yieldingSince = null;
                return link.raw("listen for notifications", connection -> listen(connection, me));
            }
            PeerId former = listener;
            if (former != null && !former.equals(me)) {
                return link.raw("listen under a new id", connection -> listenAnew(connection, former, me));
            }
            List<Hint> found = received(limit);
            yieldIfDue();
            return found;
        } catch (StoreException e) {
            deaf();
            throw e;
        }
    }

    /** Returns early, if only with what this process sent itself: it may just have joined under another id. */
    private List<Hint> received(Duration limit) {
        long start = System.nanoTime();
        Set<Hint> found = new LinkedHashSet<>();
        boolean heard = false;
        Duration left = limit;
        while (!heard && !left.isNegative() && !left.isZero()) {
            Duration slice = left;
            List<PGNotification> notifications =
                    link.raw("wait for notifications", connection -> slice(connection, slice));
            // Outside of the call, whose failure would cost the connection and with it the process's lock: any user of
            // the database may have written the payload.
            for (PGNotification notification : notifications) {
                hints.read(notification.getParameter()).ifPresent(found::add);
            }
            heard = !notifications.isEmpty();
            left = limit.minusNanos(System.nanoTime() - start);
        }
        return found.contains(Hint.EVERYTHING) ? List.of(Hint.EVERYTHING) : List.copyOf(found);
    }

    /** Waits while this session is given up. */
    private boolean rests(Duration limit) {
        Long until = restsUntil;
        if (until == null) {
            return false;
        }
        long left = until - System.nanoTime();
        if (left <= 0) {
            restsUntil = null;
            return false;
        }
        LockSupport.parkNanos(this, Math.min(left, limit.toNanos()));
        return true;
    }

    /** Gives the connection up once no peer watches its lock any more, so that no peer takes its end for a death. */
    private void yieldIfDue() {
        Long since = yieldingSince;
        if (since != null && System.nanoTime() - since >= pingInterval.toNanos()) {
            giveConnectionUp();
        }
    }

    private void giveConnectionUp() {
        deaf();
        link.rest();
        yieldingSince = null;
        long lull = pingInterval.multipliedBy(10).toNanos();
        restsUntil = System.nanoTime() + lull + ThreadLocalRandom.current().nextLong(lull);
        if (!yieldReported) {
            yieldReported = true;
            logger.warn(
                    "The server has hardly a connection left (max_connections), so this instance gives up the one for notifications: changes are seen with"
                            + " each renewal, and children with takeover IMMEDIATE wait for the lease. It is tried again now and then");
        }
    }

    @Override
    public void close() {
        deaf();
        link.close();
    }

    private List<Hint> listen(Connection connection, PeerId me) throws SQLException {
        execute(connection, Channels.listen(me, groups));
        listensFor(me);
        if (ConnectionRoom.ask(connection).isScarce()) {
            startYielding();
        } else {
            held = taken(connection, me);
            yieldReported = false;
        }
        lastAnswer = System.nanoTime();
        return List.of(Hint.EVERYTHING);
    }

    /** A key belongs to one incarnation: the end of one incarnation's lock must not affect the next. */
    private List<Hint> listenAnew(Connection connection, PeerId former, PeerId me) throws SQLException {
        execute(connection, Channels.listenAnew(former, me));
        listensFor(me);
        if (held != null) {
            execute(connection, UNLOCK);
            held = taken(connection, me);
        }
        return List.of(Hint.EVERYTHING);
    }

    private void listensFor(@Nullable PeerId me) {
        listener = me;
        hints.listensAs(me);
    }

    /** From now on this session hears nothing, and its lock is not published. */
    private void deaf() {
        listensFor(null);
        lockLost();
    }

    private @Nullable SessionLock taken(Connection connection, PeerId me) throws SQLException {
        SessionLock taken = lock == null ? null : lock.take(connection, me);
        link.leadsTo(taken == null ? null : taken.server());
        return taken;
    }

    /** From now on the lock is not published any more; it is held until all peers have seen that. */
    private void startYielding() {
        yieldingSince = System.nanoTime();
        if (lock != null) {
            lock.lost(held);
        }
    }

    private void lockLost() {
        if (lock != null) {
            lock.lost(held);
        }
        held = null;
    }

    private List<PGNotification> slice(Connection connection, Duration left) throws SQLException {
        Duration untilPing = pingInterval.minusNanos(System.nanoTime() - lastAnswer);
        Duration wait = left.compareTo(untilPing) < 0 ? left : untilPing;
        List<PGNotification> notifications =
                wait.toMillis() > 0 ? received(connection, Math.toIntExact(wait.toMillis())) : List.of();
        if (notifications.isEmpty()
                && pingInterval.minusNanos(System.nanoTime() - lastAnswer).toMillis() <= 0) {
            ping(connection);
            lastAnswer = System.nanoTime();
        } else if (!notifications.isEmpty()) {
            lastAnswer = System.nanoTime();
        }
        return notifications;
    }

    /**
     * Also checks that the answering session is the one that took the lock. If not, there is a pooler that hides itself
     * (faults F4).
     */
    private void ping(Connection connection) throws SQLException {
        ConnectionRoom room = ConnectionRoom.ask(connection);
        if (room.isPooled() && lock != null && held != null) {
            lock.giveUp();
            lockLost();
        }
        if (yieldingSince == null && room.isScarce()) {
            startYielding();
        }
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
