package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The database refuses to change one of several rows: only the child of that row is affected. */
class RefusedChildTests {

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());

    @AfterEach
    void closeCluster() {
        cluster.close();
        cluster.assertNoOverlaps();
    }

    @Test
    void aSurvivorAdoptsTheNeighboursOfAChildWhoseRowIsRefused() {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        List<String> ids = IntStream.range(0, 10).mapToObj(i -> "c" + i).toList();
        ids.forEach(id -> a.supervisor.startChild(worker(id)));
        refuse("c4");

        a.kill();
        ids.stream().filter(id -> !id.equals("c4")).forEach(id -> cluster.awaitRunning(id, "b"));
        assertThat(cluster.runners("c4")).containsExactly("a");
        assertThatThrownBy(() -> b.supervisor.startChild(worker("c4")))
                .isInstanceOf(StoreRefusedException.class)
                .hasMessageContaining("not c4");

        cluster.database()
                .jdbc()
                .sql("drop trigger objecting on mirrored_supervisor.child")
                .update();
        cluster.awaitRunning("c4", "b");
    }

    @Test
    void aPeerThatLeavesHandsOverTheNeighboursOfAChildWhoseRowIsRefused() throws Exception {
        TestPeer a = cluster.start("a");
        cluster.start("b");
        List<String> ids = IntStream.range(0, 10).mapToObj(i -> "c" + i).toList();
        ids.forEach(id -> a.supervisor.startChild(worker(id)));
        refuse("c4");

        a.peer.stop().get();
        ids.stream().filter(id -> !id.equals("c4")).forEach(id -> cluster.awaitRunning(id, "b"));
        assertThat(cluster.running("c4")).isEmpty();

        cluster.database()
                .jdbc()
                .sql("drop trigger objecting on mirrored_supervisor.child")
                .update();
        cluster.awaitRunning("c4", "b");
    }

    private void refuse(String id) {
        var jdbc = cluster.database().jdbc();
        jdbc.sql("create or replace function public.object() returns trigger language plpgsql as $$ begin"
                        + " if new.id = '" + id + "' then raise exception 'not %', new.id; end if; return new; end $$")
                .update();
        jdbc.sql("create trigger objecting before update on mirrored_supervisor.child"
                        + " for each row execute function public.object()")
                .update();
    }
}
