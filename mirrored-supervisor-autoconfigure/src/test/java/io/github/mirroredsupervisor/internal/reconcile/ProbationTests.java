package io.github.mirroredsupervisor.internal.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Claim;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Try;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProbationTests {

    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration STEP = Duration.ofMillis(50);

    private final PeerId dead = PeerId.random();
    private final Probation suspects = new Probation(LEASE, 3);

    @Test
    void theFirstIsDueTwoLeasesAfterItWasSeen() {
        List<Try> one = tries(1);
        assertThat(suspects.untilDue(one, STEP, 0)).isEqualTo(LEASE.multipliedBy(2));
        assertThat(suspects.untilDue(one, STEP, LEASE.toNanos())).isEqualTo(LEASE);
        assertThat(suspects.untilDue(one, STEP, 2 * LEASE.toNanos())).isZero();
    }

    @Test
    void everyChangeAmongThemIsWaitedForAnew() {
        suspects.untilDue(tries(3), STEP, 0);
        assertThat(suspects.untilDue(tries(2), STEP, LEASE.toNanos())).isEqualTo(LEASE.multipliedBy(2));
    }

    @Test
    void laterPeersWaitAStepLongerEach() {
        assertThat(suspects.untilDue(List.of(new Try(row(0, 2), 2)), STEP, 0))
                .isEqualTo(LEASE.multipliedBy(2).plus(STEP.multipliedBy(2)));
    }

    @Test
    void aFewAreTriedOneByOneAndChargedWithWhatTheyAreSuspectedOf() {
        List<Claim> next = suspects.next(tries(16));
        assertThat(next).extracting(claim -> claim.row().id()).containsExactly("c0");
        assertThat(next).extracting(Claim::crashes).containsExactly(2);
    }

    @Test
    void manyAreTriedTogetherAndNoneOfThemIsOneDeathFromQuarantine() {
        List<Claim> next = suspects.next(tries(1000));
        assertThat(next).hasSize(63);
        assertThat(next).extracting(Claim::crashes).containsOnly(1);
    }

    @Test
    void theLeastSuspectedComesFirst() {
        assertThat(suspects.next(List.of(new Try(row(0, 2), 0), new Try(row(1, 1), 0))))
                .extracting(claim -> claim.row().id())
                .containsExactly("c1");
    }

    private List<Try> tries(int count) {
        return IntStream.range(0, count).mapToObj(i -> new Try(row(i, 2), 0)).toList();
    }

    private ChildRow row(int number, int suspicions) {
        EditableRow row = new EditableRow("c" + number, dead);
        row.order = number;
        row.ownerState = PeerState.DEAD;
        row.suspicions = suspicions;
        return row.read();
    }
}
