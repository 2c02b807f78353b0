package io.github.mirroredsupervisor.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.Takeover;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.postgres.announcements.Channels;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Any role of the database may send notifications. They end no session and move no child, and cost only a little time.
 */
class ForeignNotificationTests {

    private static final Duration LEASE = Duration.ofMinutes(1);

    private final Database database = TestPostgres.migratedDatabase();
    private final TestCluster cluster = new TestCluster(database).lease(LEASE).renewEvery(Duration.ofMillis(200));
    private final AtomicInteger looks = new AtomicInteger();

    @AfterEach
    void closeCluster() {
        cluster.close();
    }

    @Test
    void whatAStrangerSendsDropsNoSessionAndMovesNoChild() throws SQLException {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        a.supervisor.startChild(ChildSpec.of("i", "worker").withTakeover(Takeover.IMMEDIATE));
        await().until(() -> !sessions("watch").isEmpty());
        List<Long> listening = sessions("listen");
        assertThat(listening).hasSize(2);

        send(
                channels(a, b),
                List.of(
                        "{\"from\":\"x\",\"children\":[null]}",
                        "{\"from\":\"x\",\"group\":\"" + TestCluster.GROUP + "\",\"children\":[null,\"i\"]}",
                        "{\"from\":\"x\",\"children\":[\"i\",\"i\"],\"children\":[\"i\"]}",
                        "{\"from\":\"x\",\"children\":{\"i\":1}}",
                        "{\"from\":\"x\",\"asker\":\"nobody\"}",
                        "{\"from\":\"x\",\"asker\":\"" + UUID.randomUUID() + "\",\"answered\":7e9999}",
                        "{\"from\":\"x\",\"group\":\"" + TestCluster.GROUP + "\",\"children\":[\"i\"],\"asker\":\""
                                + UUID.randomUUID() + "\"}",
                        "{\"from\":" + "[".repeat(3900) + "]".repeat(3900) + "}",
                        "{\"from\":\"x\",\"group\":" + "9".repeat(7000) + "}",
                        "\u0001\uD83D\uDE00".repeat(1000),
                        ""));

        // A command that b carries out for a proves that what was sent before it has been read, in order.
        b.supervisor.terminateChild("i");
        b.supervisor.restartChild("i");
        assertThat(sessions("listen")).containsExactlyInAnyOrderElementsOf(listening);
        assertThat(cluster.runners("i")).containsOnly("a");
        assertThat(b.events(SupervisorEvent.ChildAdopted.class)).isEmpty();
        cluster.assertNoOverlaps();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "look",
                "{\"from\":\"x\",\"group\":\"GROUP\"}",
                "{\"from\":\"x\",\"group\":\"GROUP\",\"children\":[\"c0\",\"NUMBER\"]}",
                "{\"from\":\"x\",\"group\":\"GROUP\",\"children\":[\"c0\",\"NUMBER\"],\"asker\":\"UUID\"}",
                "{\"from\":\"x\",\"group\":\"GROUP\",\"answered\":true}"
            })
    void aFloodIsLookedAtAtASteadyRateAndKeepsNothingElseWaiting(String payload) throws SQLException {
        cluster.wrap = store -> FaultyStoreTests.hooked(store, FaultyStoreTests.NONE, (method, arguments) -> {
            if (List.of("view", "rows").contains(method)) {
                looks.incrementAndGet();
            }
            return null;
        });
        TestPeer a = cluster.start("a");
        cluster.wrap = store -> store;
        TestPeer b = cluster.start("b");
        IntStream.range(0, 20).forEach(i -> a.supervisor.startChild(TestCluster.worker("c" + i)));
        List<Long> sessions = sessions("%");
        looks.set(0);

        long began = System.nanoTime();
        for (int k = 0; k < 10; k++) {
            int i = k;
            List<String> payloads = IntStream.range(i * 1000, (i + 1) * 1000)
                    .mapToObj(n -> payload.replace("GROUP", TestCluster.GROUP)
                            .replace("NUMBER", "n" + n)
                            .replace("UUID", new UUID(i, n).toString()))
                    .toList();
            send(channels(a), payloads);
            b.supervisor.terminateChild("c" + i);
        }
        cluster.awaitRenewals(a, 3);
        long millis = (System.nanoTime() - began) / 1_000_000;

        // Two reads a command and one a renewal come on top of what the pace allows.
        assertThat(looks.get()).isLessThan(150 + (int) (millis / 10) + (int) (millis / 50));
        assertThat(sessions("%")).containsExactlyInAnyOrderElementsOf(sessions);
        assertThat(a.events(SupervisorEvent.PermissionLost.class)).isEmpty();
        IntStream.range(10, 20)
                .forEach(i -> assertThat(cluster.running("c" + i)).containsExactly("a"));
    }

    private static List<String> channels(TestPeer... peers) {
        return Stream.concat(
                        Stream.of(Channels.ofGroup(TestCluster.GROUP)),
                        Stream.of(peers).map(peer -> Channels.ofPeer(peer.supervisor.self())))
                .toList();
    }

    /** To each of the channels, as a role without any rights. */
    private void send(List<String> channels, List<String> payloads) throws SQLException {
        database.jdbc().sql("""
                        do $$
                        begin
                            create role stranger login password 'stranger';
                        exception when duplicate_object or unique_violation then
                            null;
                        end
                        $$
                        """).update();
        try (Connection connection = new Database(database.jdbcUrl(), "stranger", "stranger").connect();
                PreparedStatement notify = connection.prepareStatement("select pg_notify(?, ?)")) {
            connection.setAutoCommit(false);
            for (String payload : payloads) {
                for (String channel : channels) {
                    notify.setString(1, channel);
                    notify.setString(2, payload);
                    notify.execute();
                }
            }
            connection.commit();
        }
    }

    private List<Long> sessions(String role) {
        return database.jdbc()
                .sql("select pid from pg_stat_activity where datname = current_database()"
                        + " and application_name like 'mirrored-supervisor ' || ? || ' %'")
                .param(role)
                .query(Long.class)
                .list();
    }
}
