package io.github.mirroredsupervisor.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.SupervisorEvent.PermissionLost;
import io.github.mirroredsupervisor.SupervisorEvent.PermissionRegained;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.Proxy;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol rule 3c: a peer without a permission regains it even if connecting takes longer than a renewal may. */
class DistantDatabaseTests {

    private static final Duration SILENCE = Duration.ofSeconds(2);

    /** Five sessions, each with some attempts. */
    private static final long MOST_CONNECTIONS = 60;

    private final Database database = TestPostgres.migratedDatabase();

    /** With profile fast a renewal may take 126 ms. Opening a connection takes seven round trips, which is longer. */
    @ParameterizedTest
    @ValueSource(ints = {20, 50})
    void aPeerThatLostItsSessionComesBack(int roundTripMillis) {
        try (Proxy proxy = new Proxy(database);
                TestCluster cluster =
                        new TestCluster(new Database(proxy.jdbcUrl(), database.username(), database.password()))) {
            proxy.delay(Duration.ofMillis(roundTripMillis));
            TestPeer a = cluster.lease(Duration.ofMillis(600)).start("a");
            a.supervisor.startChild(TestCluster.worker("one"));
            for (int fault = 1; fault <= 3; fault++) {
                int losses = fault;
                proxy.freeze();
                a.onEvent(
                        PermissionLost.class,
                        lost -> assertThat(a.events(PermissionLost.class)).hasSizeGreaterThanOrEqualTo(losses));
                proxy.cut();
                proxy.thaw();
                a.onEvent(
                        PermissionRegained.class,
                        back -> assertThat(a.events(PermissionRegained.class)).hasSizeGreaterThanOrEqualTo(losses));
                cluster.awaitRunning("one", "a");
            }
        }
    }

    /**
     * The server is overloaded: it is silent for seconds, and then each round trip takes as long as a whole renewal
     * may.
     */
    @ParameterizedTest
    @ValueSource(ints = {40, 100, 200})
    void aPeerComesBackToAServerThatAnswersSlowlyWithinAFewAttempts(int roundTripMillis) {
        try (Proxy proxy = new Proxy(database);
                TestCluster cluster =
                        new TestCluster(new Database(proxy.jdbcUrl(), database.username(), database.password()))) {
            TestPeer a = cluster.lease(Duration.ofMillis(600)).start("a");
            a.supervisor.startChild(TestCluster.worker("one"));
            proxy.freeze();
            a.onEvent(PermissionLost.class, lost -> assertThat(lost).isNotNull());
            await().pollDelay(SILENCE).until(() -> true);
            long before = proxy.connections();

            proxy.delay(Duration.ofMillis(roundTripMillis));
            proxy.cut();
            proxy.thaw();
            a.onEvent(PermissionRegained.class, back -> assertThat(back).isNotNull());

            assertThat(proxy.connections() - before)
                    .as("connections that were opened on the way back, of all kinds")
                    .isLessThan(MOST_CONNECTIONS);
            proxy.delay(Duration.ZERO);
            cluster.awaitRunning("one", "a");
        }
    }
}
