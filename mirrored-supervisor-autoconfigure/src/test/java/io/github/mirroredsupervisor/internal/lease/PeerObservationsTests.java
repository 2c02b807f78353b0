package io.github.mirroredsupervisor.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.lease.PeerObservations.Suspect;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.Renewal.PeerBeat;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Protocol rules 3 and 6. */
class PeerObservationsTests {

    private static final long MS = 1_000_000;
    private static final Duration LEASE = Duration.ofSeconds(3);

    private final PeerId a = PeerId.random();
    private final PeerId b = PeerId.random();

    private static PeerBeat beat(PeerId id, long seq, long joinOrder) {
        return new PeerBeat(id, new Heartbeat(seq, 0), LEASE, joinOrder, Duration.ZERO);
    }

    @Test
    void accusesWhenACounterHasNotChangedForTheVictimsLeaseAndTheDriftAllowance() {
        PeerObservations seen = PeerObservations.NONE.observed(List.of(beat(a, 7, 1)), "s", 0);
        seen = seen.observed(List.of(beat(a, 7, 1)), "s", 600 * MS);
        assertThat(seen.expired(3029 * MS)).isEmpty();
        assertThat(seen.expired(3030 * MS))
                .extracting(Suspect::id, suspect -> suspect.last().seq())
                .containsExactly(tuple(a, 7L));
        assertThat(seen.nanosToNextExpiry(1030 * MS)).hasValue(2000 * MS);
    }

    @Test
    void timesFromTheReplyThatFirstShowedTheCounter() {
        PeerObservations seen = PeerObservations.NONE
                .observed(List.of(beat(a, 7, 1)), "s", 0)
                .observed(List.of(beat(a, 8, 1)), "s", 600 * MS);
        assertThat(seen.expired(3600 * MS)).isEmpty();
        assertThat(seen.expired(3630 * MS)).hasSize(1);
    }

    @Test
    void takesACounterThatWentBackForAChange() {
        PeerObservations seen = PeerObservations.NONE
                .observed(List.of(beat(a, 7, 1)), "s", 0)
                .observed(List.of(beat(a, 3, 1)), "s", 2000 * MS);
        assertThat(seen.expired(3500 * MS)).isEmpty();
    }

    /** A copy was restored, and the peer has renewed up to the counter that was seen last. */
    @Test
    void takesAnotherRenewalWithTheSameCounterForAChange() {
        PeerBeat again = new PeerBeat(a, new Heartbeat(7, 1), LEASE, 1, Duration.ZERO);
        PeerObservations seen =
                PeerObservations.NONE.observed(List.of(beat(a, 7, 1)), "s", 0).observed(List.of(again), "s", 2000 * MS);
        assertThat(seen.expired(3500 * MS)).isEmpty();
        assertThat(seen.expired(5030 * MS)).hasSize(1);
    }

    @Test
    void usesTheVictimsLeaseAndNotItsOwn() {
        PeerBeat slow = new PeerBeat(a, new Heartbeat(1, 0), Duration.ofSeconds(15), 1, Duration.ZERO);
        PeerObservations seen = PeerObservations.NONE.observed(List.of(slow), "s", 0);
        assertThat(seen.expired(15_149 * MS)).isEmpty();
        assertThat(seen.expired(15_150 * MS)).hasSize(1);
    }

    /**
     * Found by a simulated schedule: the work thread declared a peer dead while the renew thread waited in an outage.
     */
    @Test
    void sayWhenTheNextReadShouldHaveEnded() {
        Duration interval = Duration.ofMillis(600);
        PeerObservations seen = PeerObservations.NONE.observed(List.of(beat(a, 7, 1)), "s", 100 * MS);
        assertThat(seen.isOverdue(1300 * MS, interval)).isFalse();
        assertThat(seen.isOverdue(1300 * MS + 1, interval)).isTrue();
        assertThat(seen.observed(List.of(beat(a, 7, 1)), "s", 1300 * MS).isOverdue(1301 * MS, interval))
                .isFalse();
        assertThat(PeerObservations.NONE.isOverdue(9000 * MS, interval)).isFalse();
    }

    @Test
    void startsAnewAfterAFailedReadAndOnAnotherServer() {
        PeerObservations seen = PeerObservations.NONE.observed(List.of(beat(a, 7, 1)), "s", 0);
        assertThat(seen.startAnew().expired(9000 * MS)).isEmpty();
        assertThat(seen.observed(List.of(beat(a, 7, 1)), "promoted", 2900 * MS).expired(5900 * MS))
                .isEmpty();
    }

    @Test
    void forgetsPeersThatAreNotAliveAnyMore() {
        PeerObservations seen = PeerObservations.NONE
                .observed(List.of(beat(a, 7, 1), beat(b, 1, 2)), "s", 0)
                .observed(List.of(beat(b, 2, 2)), "s", 10);
        assertThat(seen.alive()).containsExactly(b);
    }

    @Test
    void ranksBehindLivePeersThatJoinedEarlierAndNotBehindSuspects() {
        PeerObservations seen = PeerObservations.NONE
                .observed(List.of(beat(a, 7, 1)), "s", 0)
                .observed(List.of(beat(a, 7, 1), beat(b, 1, 2)), "s", 2000 * MS);
        assertThat(seen.rank(3, 2500 * MS)).isEqualTo(2);
        assertThat(seen.rank(3, 3100 * MS)).isEqualTo(1);
        assertThat(seen.rank(1, 2500 * MS)).isZero();
    }

    @Test
    void keepsStepBehindItsPredecessor() {
        Duration interval = Duration.ofMillis(600);
        PeerBeat early = new PeerBeat(a, new Heartbeat(1, 0), LEASE, 1, Duration.ofMillis(160));
        PeerBeat later = new PeerBeat(b, new Heartbeat(1, 0), LEASE, 9, Duration.ofMillis(400));
        assertThat(HeartbeatPace.next(interval, List.of(early, later), 5)).isEqualTo(Duration.ofMillis(500));
        assertThat(HeartbeatPace.next(interval, List.of(later), 5)).isEqualTo(interval);
    }

    @Test
    void paceIsMovedByHalfAnIntervalAtMostAndNotByAbsurdAges() {
        Duration interval = Duration.ofMillis(600);
        for (long age = 0; age < 5000; age += 10) {
            PeerBeat early = new PeerBeat(a, new Heartbeat(1, 0), LEASE, 1, Duration.ofMillis(age));
            assertThat(HeartbeatPace.next(interval, List.of(early), 5))
                    .isBetween(Duration.ofMillis(300), Duration.ofMillis(600));
        }
        PeerBeat unknown = new PeerBeat(a, new Heartbeat(1, 0), LEASE, 1, null);
        assertThat(HeartbeatPace.next(interval, List.of(unknown), 5)).isEqualTo(interval);
    }
}
