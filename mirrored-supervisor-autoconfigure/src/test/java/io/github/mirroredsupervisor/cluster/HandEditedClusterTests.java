package io.github.mirroredsupervisor.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An invalid value in a row affects that row only, and no member and no other child. */
class HandEditedClusterTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Database database = TestPostgres.migratedDatabase();
    private final TestCluster cluster = new TestCluster(database).lease(Duration.ofSeconds(2));

    @AfterEach
    void closeCluster() {
        cluster.close();
    }

    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    child             | crashes = 2147483647                     | id = 'bad'
                    child             | fencing_token = 9223372036854775807      | id = 'bad'
                    child             | revision = 9223372036854775807           | id = 'bad'
                    child             | answered = 9223372036854775807           | id = 'bad'
                    child             | since = '294276-12-31', phase = 'LATER'  | id = 'bad'
                    child             | spec = '{"arguments":[[[1]]]}'           | id = 'bad'
                    peer              | lease_ms = 1000000000000000000           | label = 'c'
                    peer              | lease_ms = 0                             | label = 'c'
                    peer              | last_renewed_at = '4714-11-24 BC'        | label = 'c'
                    supervision_group | revision = 9223372036854775807           | name = 'orders'
                    supervision_group | strategy = 'LATER', period_ms = -1       | name = 'orders'
                    """)
    void theRestRunsOnAndIsAdopted(String table, String assignments, String row) {
        dropChecks();
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        TestPeer c = cluster.start("c");
        a.supervisor.startChild(TestCluster.worker("bad"));
        a.supervisor.startChild(TestCluster.worker("good"));
        c.supervisor.startChild(TestCluster.worker("far"));

        assertThat(database.jdbc()
                        .sql("update mirrored_supervisor." + table + " set " + assignments + " where " + row)
                        .update())
                .isEqualTo(1);
        cluster.awaitRenewals(b, 6);

        assertThat(b.supervisor.whichChildren()).extracting(ChildInfo::id).containsExactly("bad", "good", "far");
        assertThat(cluster.running("good")).containsExactly("a");
        assertThat(cluster.running("far")).containsExactly("c");
        b.supervisor.terminateChild("good");
        b.supervisor.restartChild("good");

        a.kill();

        await().atMost(PATIENCE)
                .until(() -> cluster.running("good").size() == 1
                        && !cluster.running("good").contains("a"));
        assertThat(b.supervisor.whichChildren()).extracting(ChildInfo::id).contains("bad", "good", "far");
        assertThat(cluster.running("far")).containsExactly("c");
        cluster.assertNoOverlaps();
    }

    private void dropChecks() {
        database.jdbc()
                .sql(
                        "select format('alter table %s drop constraint %I', conrelid::regclass, conname) from pg_constraint"
                                + " where contype = 'c' and connamespace = 'mirrored_supervisor'::regnamespace")
                .query(String.class)
                .list()
                .forEach(drop -> database.jdbc().sql(drop).update());
    }
}
