package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.proxy.Side;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What can happen to the database. Each method returns when the fault is over. */
final class ServerBlows {

    private static final String ANY_BACKEND = """
            select pid from pg_stat_activity
             where application_name like 'mirrored-supervisor %' and backend_type = 'client backend'
             order by pid offset :choice % 5 limit 1
            """;

    /** More than any server of the measurement accepts. */
    private static final int MOST_CONNECTIONS = 1000;

    private final TestBed bed;
    private final Duration lease;

    ServerBlows(TestBed bed) {
        this.bed = bed;
        this.lease = bed.profile().lease();
    }

    void restart() {
        bed.database().stop();
        bed.database().start();
        bed.pass(lease.multipliedBy(2));
    }

    void crash() {
        bed.database().crash();
        bed.database().start();
        bed.pass(lease.multipliedBy(2));
    }

    /** Kills a backend. The server then also ends all other sessions, and recovers. */
    void killBackend(Strike strike) {
        bed.jdbc()
                .sql(ANY_BACKEND)
                .param("choice", strike.choice())
                .query(Long.class)
                .optional()
                .ifPresent(pid -> bed.database().killBackend(pid));
        bed.pass(lease.multipliedBy(2));
    }

    /** Pauses the server: it accepts connections and does not answer. */
    void pause(Strike strike) {
        bed.database().pause();
        try {
            bed.pass(strike.between(lease.dividedBy(10), lease.multipliedBy(3)));
        } finally {
            bed.database().resume();
        }
    }

    void sessions(NodeProcess node) {
        SessionsScenario.terminateAll(bed, node);
        bed.pass(lease.multipliedBy(2));
    }

    /** Takes all free connections, so a node that loses its connection cannot open another. */
    void full(NodeProcess node, Strike strike) {
        List<Connection> taken = new ArrayList<>();
        try {
            takeAll(taken);
            bed.routes().proxy(node).reset(ProxiedRoutes.ofKind("renew"), Side.CLIENT);
            bed.pass(strike.between(lease.dividedBy(10), lease.multipliedBy(2)));
        } finally {
            taken.forEach(ServerBlows::closeQuietly);
        }
    }

    private void takeAll(List<Connection> taken) {
        try {
            while (taken.size() < MOST_CONNECTIONS) {
                taken.add(open());
            }
        } catch (SQLException full) {
            // Now all connections are taken, as intended.
        }
    }

    void lockPeerRow(NodeProcess node, Strike strike) {
        lock(
                "select 1 from mirrored_supervisor.peer where state = 'ALIVE' and label = '" + node.name()
                        + "' for update",
                strike);
    }

    void lockChildRows(Strike strike) {
        lock("select 1 from mirrored_supervisor.child for update", strike);
    }

    void lockTable(Strike strike) {
        lock(
                "lock table mirrored_supervisor." + strike.oneOf(List.of("peer", "child"))
                        + " in access exclusive mode",
                strike);
    }

    /** The children then need more connections than the nodes' own pools have. */
    void poolFull(Strike strike) {
        lock("lock table outbox in access exclusive mode", strike);
    }

    /** Sets the server's clock wrong, and then right again. */
    void clock(Strike strike) {
        setWrong(strike);
        bed.pass(lease.multipliedBy(2));
        setRight();
        bed.pass(lease.multipliedBy(2));
    }

    /** Sets it wrong by less than the time after which dead peers are deleted. */
    void setWrong(Strike strike) {
        Duration ahead = strike.oneOf(List.of(Duration.ofMinutes(30), Duration.ofMinutes(-30)));
        bed.serverClock().set(ahead);
        bed.await("the server's clock is wrong", () -> Math.abs(secondsAhead() - ahead.toSeconds()) < 60);
    }

    private double secondsAhead() {
        double shown = bed.jdbc()
                .sql("select extract(epoch from clock_timestamp())")
                .query(Double.class)
                .single();
        return shown - System.currentTimeMillis() / 1000.0;
    }

    void setRight() {
        bed.serverClock().set(Duration.ZERO);
    }

    /** Leaves a transaction open for a while. */
    private void lock(String sql, Strike strike) {
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(sql);
            bed.pass(strike.between(lease.dividedBy(10), lease.multipliedBy(5).dividedBy(2)));
            connection.rollback();
        } catch (SQLException e) {
            throw new MeasureException("Cannot hold a lock: " + e.getMessage());
        }
    }

    private Connection open() throws SQLException {
        return DriverManager.getConnection(
                bed.database().getJdbcUrl(),
                bed.database().getUsername(),
                bed.database().getPassword());
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            // Then the server has closed it.
        }
    }
}
