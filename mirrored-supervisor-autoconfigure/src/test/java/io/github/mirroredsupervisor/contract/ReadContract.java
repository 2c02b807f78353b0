package io.github.mirroredsupervisor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildCounts;
import io.github.mirroredsupervisor.ChildKind;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupView;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What reads return, and what the housekeeping deletes. */
public abstract class ReadContract extends StoreFixture {

    @Test
    void aViewHoldsWhatAPeerActsOn() {
        work.join(request(a, FLAGS, Set.of("relay"), List.of(spec("unowned"))));
        join(b);
        join(c);
        insert("own", a);
        insert("anothers", b);
        insert("coming", b);
        insert("left-behind", c);
        work.requestMove(GROUP, "coming", 1, a);
        certify(a, c);

        GroupView view = work.view(GROUP, a);

        assertThat(view.group().name()).isEqualTo(GROUP);
        assertThat(view.members()).extracting(MemberRow::id).contains(a, b);
        assertThat(view.children()).extracting(ChildRow::id).containsExactly("unowned", "own", "coming", "left-behind");
        assertThat(view.children()).filteredOn(ChildRow::isOrphan).hasSize(2);
    }

    @Test
    void someRowsAreFoundWhoeverOwnsThem() {
        join(a);
        join(b);
        insert("one", a);
        insert("two", b);
        insert("three", b);

        assertThat(work.rows(GROUP, Set.of("one", "two", "absent", "\0")))
                .extracting(ChildRow::id)
                .containsExactly("one", "two");
        assertThat(work.rows("unknown", Set.of("one"))).isEmpty();
    }

    @Test
    void countsAreThoseOfTheWholeGroup() {
        join(a);
        join(b);
        insert("one", a);
        insert("two", b);
        work.insert(GROUP, spec("three").withKind(ChildKind.SUPERVISOR), a);
        report("one", a, Phase.RUNNING, null);
        report("two", b, Phase.RUNNING, null);
        assertThat(work.counts(GROUP)).isEqualTo(new ChildCounts(3, 2, 1, 2));

        certify(a, b);
        assertThat(work.counts(GROUP)).isEqualTo(new ChildCounts(3, 1, 1, 2));
    }

    @Test
    void onlyEndedPeersThatOwnNothingArePurged() {
        join(a);
        join(b);
        join(c);
        insert("one", b);
        certify(a, b);
        work.leave(c);

        assertThat(work.purgePeers(Duration.ofHours(1), 100)).isZero();
        assertThat(work.purgePeers(Duration.ZERO, 100)).isEqualTo(1);
        grant(a, "one");
        assertThat(work.purgePeers(Duration.ZERO, 100)).isEqualTo(1);
        assertThat(work.members(GROUP)).extracting(MemberRow::id).containsExactly(a);
        assertThat(renewals.renew(a).renewed()).isTrue();
    }

    @Test
    void thePurgesDeleteNoMoreThanTheyAreTold() {
        join(a);
        for (PeerId peer : List.of(b, c)) {
            join(peer);
            work.leave(peer);
        }
        awaitTold();
        assertThat(work.purgePeers(Duration.ZERO, 1)).isEqualTo(1);
        assertThat(work.purgePeers(Duration.ZERO, 1)).isEqualTo(1);
        assertThat(work.purgePeers(Duration.ZERO, 1)).isZero();

        int entries = 0;
        while (work.purgeHistory(Duration.ZERO, 1) == 1) {
            entries++;
        }
        assertThat(entries).isGreaterThanOrEqualTo(5);
        assertThat(work.purgeHistory(Duration.ZERO, 100)).isZero();
    }

    @Test
    void historyIsPurgedByAge() {
        join(a);
        insert("one", a);
        awaitTold();

        assertThat(work.purgeHistory(Duration.ofHours(1), 100)).isZero();
        assertThat(work.purgeHistory(Duration.ZERO, 100)).isPositive();
        assertThat(work.purgeHistory(Duration.ZERO, 100)).isZero();
    }
}
