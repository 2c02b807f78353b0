package io.github.mirroredsupervisor.sample.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.sample.benchmark.contender.Work;
import io.github.mirroredsupervisor.sample.witness.WitnessLine;
import io.github.mirroredsupervisor.sample.witness.WitnessLine.Mark;
import java.util.List;
import org.junit.jupiter.api.Test;

class SightingsTests {

    private final Sightings sightings = new Sightings();

    private void saw(long nanos, String peer, String child, Mark mark) {
        sightings.add(List.of(new WitnessLine(nanos, peer, 1, child, 0, mark)));
    }

    @Test
    void aProcessThatTakesPartOwnsNothingYet() {
        saw(1, "a", Work.READY, Mark.BEGIN);
        assertThat(sightings.isReady("a")).isTrue();
        assertThat(sightings.isReady("b")).isFalse();
        assertThat(sightings.begun()).isZero();
        assertThat(sightings.owner()).isEmpty();
    }

    @Test
    void theOwnerIsWhoActedLast() {
        saw(1, "a", "child-1", Mark.BEGIN);
        saw(2, "b", "child-1", Mark.TICK);
        saw(3, "a", "child-1", Mark.END);
        assertThat(sightings.owner()).contains("b");
    }

    @Test
    void aTakeoverIsTheFirstActOfAnotherAfterTheStrike() {
        saw(5, "b", "child-1", Mark.TICK); // before the strike
        saw(9, "a", "child-1", Mark.TICK);
        saw(12, "a", "child-1", Mark.TICK); // the victim itself
        saw(14, "b", "child-1", Mark.BEGIN); // it does not act yet
        assertThat(sightings.firstElsewhere("a", 10)).isEmpty();
        saw(15, "b", "child-1", Mark.TICK);
        saw(17, "b", "child-1", Mark.TICK);
        assertThat(sightings.firstElsewhere("a", 10)).hasValue(15);
        assertThat(sightings.lastOf("a", 15)).hasValue(12);
    }

    @Test
    void whatTheVictimDoesAfterTheTakeoverIsCounted() {
        saw(15, "b", "child-1", Mark.TICK);
        saw(15, "a", "child-1", Mark.TICK);
        saw(16, "a", "child-1", Mark.TICK);
        saw(17, "a", "child-1", Mark.TICK);
        saw(18, "a", "child-1", Mark.END);
        assertThat(sightings.ticksOf("a", 15)).isEqualTo(2);
        assertThat(sightings.ticksOf("a")).isEqualTo(3);
    }

    @Test
    void manyAreTakenOverWhenTheLastOfThemIs() {
        List<String> children = Work.names(2);
        saw(12, "b", "child-1", Mark.BEGIN);
        saw(13, "a", "child-2", Mark.BEGIN); // the victim
        saw(14, "b", "child-1", Mark.BEGIN); // again
        assertThat(sightings.allElsewhere(children, "a", 10)).isEmpty();
        saw(19, "c", "child-2", Mark.BEGIN);
        saw(30, "c", "child-2", Mark.BEGIN);
        assertThat(sightings.allElsewhere(children, "a", 10)).hasValue(19);
    }
}
