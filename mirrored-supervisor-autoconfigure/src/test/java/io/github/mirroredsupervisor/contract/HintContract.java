package io.github.mirroredsupervisor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.NotificationSession.Hint;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Cause;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which hints each change sends, and to whom. */
public abstract class HintContract extends StoreFixture {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration MOMENT = Duration.ofMillis(100);
    private static final String ELSEWHERE = "elsewhere";
    private static final Hint TO_CALLERS = new Hint(GROUP, Set.of(), true);
    private static final Hint TO_ALL = new Hint(GROUP, Set.of(), false);

    /** A process that has joined and listens. */
    private final class Process {

        final WorkSession work;
        final NotificationSession hints;
        PeerId me;

        Process(PeerId me, String group) {
            this.me = me;
            Store store = store();
            work = opened(store.openWork());
            hints = opened(store.openHints(Set.of(group)));
            join(group);
        }

        void join(String group) {
            GroupSettings flags =
                    new GroupSettings(group, Strategy.ONE_FOR_ONE, 1, Duration.ofSeconds(5), Duration.ZERO);
            work.join(request(me, flags, Set.of("relay")));
            assertThat(work.awaitTold(PATIENCE)).isTrue();
        }

        /** From now on only what comes next is heard. */
        void listen() {
            assertThat(heard()).containsExactly(Hint.EVERYTHING);
        }

        List<Hint> heard() {
            long start = System.nanoTime();
            List<Hint> heard = hints.await(me, PATIENCE);
            while (heard.isEmpty() && System.nanoTime() - start < PATIENCE.toNanos()) {
                heard = hints.await(me, PATIENCE); // it had sent something itself
            }
            return heard;
        }

        void assertDeaf() {
            assertThat(hints.await(me, MOMENT)).isEmpty();
        }
    }

    private static Hint about(String childId) {
        return new Hint(GROUP, Set.of(childId), false);
    }

    /** All members of the group hear of each change but the one that makes it, and nobody else does. */
    @Test
    void whatConcernsTheGroupWakesEveryMember() {
        Process one = new Process(a, GROUP);
        Process two = new Process(b, GROUP);
        Process stranger = new Process(c, ELSEWHERE);
        PeerId victim = PeerId.random();
        join(victim);
        insert("orphan", victim);
        insert("given", a);
        insert("removed", victim);
        awaitTold();
        List<Process> members = List.of(one, two);
        List.of(one, two, stranger).forEach(Process::listen);

        wakes(members, TO_ALL, () -> assertThat(certify(a, victim)).isTrue());
        wakes(members, TO_ALL, () -> join(PeerId.random()));
        wakes(members, TO_ALL, () -> work.cordon(a, true));
        wakes(members, TO_ALL, () -> work.touch(GROUP));
        wakes(members, TO_ALL, () -> work.terminateGroup(GROUP, Cause.INTENSITY_EXCEEDED, "test", a));
        wakes(members, TO_ALL, () -> work.reviveGroup(GROUP, a, null));
        wakes(members, about("offered"), () -> work.offer(GROUP, List.of(spec("offered"))));
        wakes(members, about("lost"), () -> work.declare(GROUP, List.of(spec("lost"))));
        wakes(members, about("given"), () -> work.release(GROUP, List.of(OwnedToken.of(row("given"))), null));
        wakes(members, about("orphan"), () -> command(work, "orphan"));
        wakes(members, about("orphan"), () -> work.requestMove(GROUP, "orphan", 2, b));
        wakes(members, about("orphan"), () -> work.quarantine(GROUP, OwnedToken.of(row("orphan")), "test"));
        wakes(members, about("removed"), () -> work.deleteOrphan(GROUP, OwnedToken.of(row("removed")), 1));
        wakes(List.of(two), TO_ALL, () -> one.work.touch(GROUP));
        stranger.assertDeaf();
    }

    private static void wakes(List<Process> members, Hint hint, Runnable change) {
        change.run();
        members.forEach(member -> assertThat(member.heard()).containsExactly(hint));
    }

    /** What an owner is to do, or is not to do any more, and what becomes somebody's. */
    @Test
    void whatConcernsOnePeerWakesOnlyThatPeer() {
        Process owner = new Process(a, GROUP);
        Process other = new Process(b, GROUP);
        Process stranger = new Process(c, ELSEWHERE);
        insert("one", a);
        insert("two", a);
        awaitTold();
        List.of(owner, other, stranger).forEach(Process::listen);
        List<Process> owners = List.of(owner);

        wakes(owners, about("one"), () -> command(work, "one"));
        wakes(
                owners,
                about("one"),
                () -> work.requestMove(GROUP, "one", row("one").revision(), b));
        wakes(
                owners,
                about("one"),
                () -> work.requestMove(GROUP, "one", row("one").revision(), null));
        report("two", a, Phase.STOPPED, null);
        wakes(owners, about("two"), () -> work.delete(GROUP, OwnedToken.of(row("two")), 1));
        other.assertDeaf();

        other.work.grant(GROUP, b, List.of(OwnedToken.of(row("one"))), StartCause.TAKEN_OVER, Map.of());
        assertThat(owner.heard()).containsExactly(about("one"));
        other.work.release(GROUP, List.of(OwnedToken.of(row("one"))), a);
        assertThat(owner.heard()).containsExactly(about("one"));
        owner.work.remove(GROUP, List.of(OwnedToken.of(row("one"))), "ended");
        List.of(owner, other, stranger).forEach(Process::assertDeaf);
    }

    @Test
    void anAnswerWakesOnlyThoseThatAsked() {
        Process owner = new Process(a, GROUP);
        Process asker = new Process(b, GROUP);
        Process bystander = new Process(c, GROUP);
        insert("one", a);
        insert("two", a);
        awaitTold();
        List.of(owner, asker, bystander).forEach(Process::listen);

        command(asker.work, "one");
        assertThat(owner.heard()).containsExactly(about("one"));
        owner.work.report(GROUP, a, List.of(phase("one", row("one").token(), Phase.STOPPING, null)), Set.of());
        owner.work.report(GROUP, a, List.of(phase("two", row("two").token(), Phase.RUNNING, 1L)), Set.of());
        asker.assertDeaf();
        owner.work.report(GROUP, a, List.of(phase("one", row("one").token(), Phase.STOPPED, 2L)), Set.of());
        assertThat(asker.heard()).containsExactly(TO_CALLERS);
        bystander.assertDeaf();
        owner.work.report(GROUP, a, List.of(phase("one", row("one").token(), Phase.STOPPED, 2L)), Set.of());

        asker.work.offer(GROUP, List.of(spec("three")));
        assertThat(owner.heard()).containsExactly(about("three"));
        assertThat(bystander.heard()).containsExactly(about("three"));
        owner.work.grant(GROUP, a, List.of(OwnedToken.of(row("three"))), StartCause.STARTED, Map.of());
        owner.work.report(GROUP, a, List.of(phase("three", row("three").token(), Phase.RUNNING, 1L)), Set.of());
        assertThat(asker.heard()).containsExactly(TO_CALLERS);
        bystander.assertDeaf();
    }

    /** Somebody else's start, a move, a removal: the end of each is an answer too. */
    @Test
    void whoWaitsForTheEndOfAChangeIsWokenByIt() {
        Process owner = new Process(a, GROUP);
        Process asker = new Process(b, GROUP);
        Process heir = new Process(c, GROUP);
        insert("starting", a);
        insert("moving", a);
        insert("going", a);
        awaitTold();
        List.of(owner, asker, heir).forEach(Process::listen);

        asker.work.awaits(GROUP, row("starting"));
        assertThat(owner.heard()).containsExactly(new Hint(GROUP, Set.of("starting"), true));
        owner.work.report(GROUP, a, List.of(phase("starting", row("starting").token(), Phase.RUNNING, 1L)), Set.of());
        assertThat(asker.heard()).containsExactly(TO_CALLERS);

        asker.work.requestMove(GROUP, "moving", 1, c);
        assertThat(owner.heard()).containsExactly(about("moving"));
        owner.work.release(GROUP, List.of(OwnedToken.of(row("moving"))), c);
        assertThat(asker.heard()).containsExactly(TO_CALLERS);
        assertThat(heir.heard()).containsExactly(about("moving"));

        asker.work.command(GROUP, "going", 1, Command.REMOVE, DesiredState.STOPPED, null);
        assertThat(owner.heard()).containsExactly(about("going"));
        owner.work.remove(GROUP, List.of(OwnedToken.of(row("going"))), "removed");
        assertThat(asker.heard()).containsExactly(TO_CALLERS);
        List.of(owner, asker, heir).forEach(Process::assertDeaf);
    }

    @Test
    void aPeerThatHasJoinedAgainIsHeardOfUnderItsNewId() {
        Process process = new Process(a, GROUP);
        process.listen();
        insert("former", a);
        process.me = b;
        process.join(GROUP);
        insert("present", b);
        assertThat(process.heard()).containsExactly(Hint.EVERYTHING);

        command(work, "former");
        command(work, "present");
        assertThat(process.heard()).containsExactly(about("present"));
        process.assertDeaf();
    }

    private static void command(WorkSession session, String childId) {
        ChildRow row = session.rows(GROUP, Set.of(childId)).get(0);
        assertThat(session.command(GROUP, childId, row.revision(), Command.TERMINATE, DesiredState.STOPPED, null))
                .isNotNull();
    }

    @Test
    void anInsertionAndAReportWithoutAnAnswerAreNobodysNews() {
        Process other = new Process(b, GROUP);
        join(a);
        awaitTold();
        other.listen();

        insert("one", a);
        report("one", a, Phase.STARTING, null);
        report("one", a, Phase.RUNNING, 1L);
        other.assertDeaf();
    }

    @Test
    void aRehearsalLeavesNothingBehind() {
        join(a);
        insert("one", a);
        awaitTold();
        NotificationSession listening = opened(store().openHints(Set.of(GROUP)));
        listening.await(b, Duration.ofSeconds(10));
        GroupRow before = work.group(GROUP).orElseThrow();
        List<ChildRow> rows = work.allRows(GROUP);
        int history = work.purgeHistory(Duration.ZERO, 100);
        assertThat(history).isPositive();

        work.rehearse(a);
        assertThat(work.group(GROUP)).hasValue(before);
        assertThat(work.allRows(GROUP))
                .extracting(ChildRow::token)
                .isEqualTo(rows.stream().map(ChildRow::token).toList());
        assertThat(work.purgeHistory(Duration.ZERO, 100)).isZero();
        assertThat(listening.await(b, Duration.ofMillis(200))).isEmpty();
    }

    @Test
    void aStoresOwnHintsAreNotItsOwnNews() {
        Process process = new Process(a, GROUP);
        process.listen();

        process.work.insert(GROUP, spec("one"), a);
        command(process.work, "one");
        process.work.touch(GROUP);
        assertThat(process.work.awaitTold(PATIENCE)).isTrue();
        for (int i = 0; i < 3; i++) {
            process.assertDeaf();
        }
    }
}
