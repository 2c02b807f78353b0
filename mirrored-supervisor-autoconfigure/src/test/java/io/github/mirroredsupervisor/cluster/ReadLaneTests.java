package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.Proxy;
import io.github.mirroredsupervisor.testing.TestPostgres;
import io.github.mirroredsupervisor.testing.TestStores;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Protocol rule 13: queries of people and monitors share no queue and no connection with what a peer must do in time.
 */
class ReadLaneTests {

    private static final Logger log = LoggerFactory.getLogger(ReadLaneTests.class);

    private static final Duration LEASE = Duration.ofSeconds(3);

    private static final String SESSIONS = """
            select count(*) from pg_stat_activity
            where datname = current_database() and application_name like 'mirrored-supervisor read %'
            """;

    private final Database database = TestPostgres.migratedDatabase();
    private final TestCluster cluster = new TestCluster(database);
    private final AtomicBoolean over = new AtomicBoolean();

    @AfterEach
    void closeCluster() {
        over.set(true);
        cluster.close();
        cluster.assertNoOverlaps();
    }

    @Test
    void aReadThatHangsDelaysNoCertificateAndNoCommand() {
        try (Proxy proxy = new Proxy(database)) {
            cluster.callTimeout(Duration.ofSeconds(30));
            cluster.wrap = store -> readingThrough(proxy, store);
            TestPeer a = cluster.start("a");
            TestPeer b = cluster.start("b");
            a.supervisor.startChild(worker("c"));
            assertThat(b.supervisor.whichChildren()).hasSize(1);
            proxy.freeze();
            AtomicLong failures = new AtomicLong();
            List<Background<Boolean>> readers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                readers.add(Background.call(() -> {
                    while (!over.get()) {
                        try {
                            b.supervisor.countChildren();
                        } catch (StoreUnavailableException e) {
                            failures.incrementAndGet();
                        }
                    }
                    return true;
                }));
            }
            await().atMost(TestCluster.PATIENCE).until(() -> failures.get() > 0);

            b.supervisor.startChild(worker("d"));
            b.supervisor.terminateChild("d");
            a.kill();
            cluster.awaitRunning("c", "b");

            over.set(true);
            proxy.thaw();
            proxy.cut();
            readers.forEach(reader -> assertThat(reader.result()).isTrue());
            await().atMost(TestCluster.PATIENCE)
                    .ignoreException(StoreUnavailableException.class)
                    .until(() -> b.supervisor.whichChildren().size() == 2);
        }
    }

    /** Only reads use this store. */
    private Store readingThrough(Proxy proxy, Store direct) {
        Store through = new PostgresStore(TestStores.settings(proxy.jdbcUrl(), database, Duration.ofMillis(600)));
        return new Store() {
            @Override
            public RenewalSession openRenewals() {
                return direct.openRenewals();
            }

            @Override
            public WorkSession openWork() {
                return direct.openWork();
            }

            @Override
            public WorkSession openReads() {
                return through.openReads();
            }

            @Override
            public NotificationSession openHints(Set<String> groups) {
                return direct.openHints(groups);
            }
        };
    }

    @Test
    void adoptionKeepsItsTimeBesideTwentyThousandRowsAndFourReaders() {
        cluster.lease(LEASE).callTimeout(Duration.ofSeconds(60)); // so the slow readers do not time out
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        for (int i = 0; i < 20; i++) {
            a.supervisor.startChild(worker("c" + i));
        }
        database.jdbc().sql("""
                        insert into mirrored_supervisor.child
                            (group_name, id, type, restart, kind, spec, desired, phase, owner)
                        select 'orders', 'stopped-' || i, 'worker', 'PERMANENT', 'WORKER',
                               '{"arguments":{"tenant":7}}', 'STOPPED', 'STOPPED', ?
                        from generate_series(1, 20000) i
                        """).param(a.supervisor.self().value()).update();
        AtomicLong reads = new AtomicLong();
        List<Background<Boolean>> readers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            readers.add(Background.call(() -> {
                while (!over.get()) {
                    List<ChildInfo> children = b.supervisor.whichChildren();
                    assertThat(children).hasSize(20_020);
                    assertThat(b.supervisor.countChildren().specs()).isEqualTo(20_020);
                    assertThat(b.supervisor.peers()).hasSize(2);
                    reads.incrementAndGet();
                }
                return true;
            }));
        }
        await().atMost(TestCluster.PATIENCE).until(() -> reads.get() > 0);

        long killed = System.nanoTime();
        a.kill();
        for (int i = 0; i < 20; i++) {
            String child = "c" + i;
            await().atMost(TestCluster.PATIENCE)
                    .pollInterval(Duration.ofMillis(10))
                    .untilAsserted(() -> assertThat(cluster.running(child)).contains("b"));
        }
        Duration took = Duration.ofNanos(System.nanoTime() - killed);
        over.set(true);
        readers.forEach(reader -> assertThat(reader.result()).isTrue());
        log.warn(
                "Adopted beside 20,000 stopped rows and 4 readers, who read {} times, after {} ms; the lease is {} ms",
                reads,
                took.toMillis(),
                LEASE.toMillis());
        assertThat(took).as("the bound is %s and a fifth", LEASE).isLessThan(LEASE.multipliedBy(4));
        assertThat(b.events(SupervisorEvent.PermissionLost.class)).isEmpty();
    }

    @Test
    void itsConnectionIsOpenedByTheFirstReadOnly() {
        TestPeer a = cluster.start("a");
        a.supervisor.startChild(worker("c"));
        a.supervisor.terminateChild("c");
        assertThat(sessions()).isZero();
        assertThat(a.supervisor.whichChildren()).hasSize(1);
        assertThat(a.supervisor.childSpec("c")).isPresent();
        assertThat(sessions()).isEqualTo(1);
    }

    private long sessions() {
        return database.jdbc().sql(SESSIONS).query(Long.class).single();
    }
}
