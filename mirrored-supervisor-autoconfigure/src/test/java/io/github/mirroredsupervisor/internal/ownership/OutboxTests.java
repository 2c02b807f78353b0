package io.github.mirroredsupervisor.internal.ownership;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.internal.context.HighestToken;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OutboxTests {

    private final PeerId me = PeerId.random();
    private final Outbox outbox = new Outbox("orders", new HighestToken());

    @Test
    void whatWasNotAnsweredIsWrittenAgainAndWhatWasSaidSinceGoesBefore() {
        outbox.report(child("a", 1), Phase.STARTING, 7L, null, null);
        Outbox.Batch batch = outbox.take(me);
        assertThat(outbox.isEmpty()).isTrue();
        outbox.report(child("a", 1), Phase.RUNNING, null, null, null);
        outbox.putBack(batch);
        List<PhaseReport> reports = outbox.take(me).reports();
        assertThat(reports).hasSize(1);
        assertThat(reports.get(0).phase()).isEqualTo(Phase.RUNNING);
        assertThat(reports.get(0).answers()).as("somebody waits for it").isEqualTo(7);
    }

    @Test
    void onlyWhatMetALockedRowIsWrittenAgain() {
        outbox.report(child("a", 1), Phase.RUNNING, null, null, null);
        outbox.report(child("b", 2), Phase.RUNNING, null, null, null);
        outbox.remove("c", 3);
        outbox.remove("d", 4);
        Outbox.Batch batch = outbox.take(me);
        assertThat(batch.childIds()).containsExactlyInAnyOrder("a", "b", "c", "d");
        outbox.putBack(batch, new Outbox.Written(Set.of(), Set.of("d"), Set.of("a"), List.of()));
        assertThat(List.of(outbox.contains("a"), outbox.contains("b"), outbox.contains("c"), outbox.contains("d")))
                .containsExactly(true, false, false, true);
        assertThat(outbox.take(me).removals().get(0).token()).isEqualTo(4);
    }

    @Test
    void whatIsHeldIsNotTaken() {
        outbox.hold(child("a", 1));
        assertThat(outbox.take(me).isEmpty()).isTrue();
        assertThat(outbox.contains("a")).isTrue();
        assertThat(outbox.held()).containsExactly("a");
        outbox.releaseHeld(null);
        assertThat(outbox.take(me).childIds()).containsExactly("a");
        assertThat(outbox.isEmpty()).isTrue();
    }

    private static LocalChild child(String id, long token) {
        return new LocalChild(ChildSpec.of(id, "worker"), 0, Status.RUNNING, token, 0, 0, null, null);
    }
}
