package io.github.mirroredsupervisor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildKind;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.OutagePolicy;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.Takeover;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Cause;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Death;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Commands of callers: compare-and-set on the revision. */
public abstract class CommandContract extends StoreFixture {

    @Test
    void aNewChildIsItsOwnersToStart() {
        join(a);

        ChildRow row = insert("one", a);

        assertThatItIsInTheStore(row);
        assertThat(row.owner()).isEqualTo(a);
        assertThat(row.revision()).isEqualTo(1);
        assertThat(row.isAnswered()).isFalse();
        assertThat(row.command()).isEqualTo(Command.START);
        assertThat(row.phase()).isEqualTo(Phase.STARTING);
        assertThat(row.isStatic()).isFalse();
    }

    @Test
    void aKnownIdIsNotInsertedAgain() {
        join(a);
        join(b);
        ChildRow first = insert("one", a);

        assertThat(work.insert(GROUP, ChildSpec.of("one", "other"), b)).isNull();
        assertThat(row("one").token()).isEqualTo(first.token());
        assertThat(row("one").type()).isEqualTo("relay");
    }

    @Test
    void severalChildrenAreInsertedTogetherAndKnownOnesLeftOut() {
        join(a);
        join(b);
        insert("b", b);

        List<ChildRow> inserted = work.insert(GROUP, List.of(spec("c"), spec("b"), spec("a")), a);

        assertThat(inserted).extracting(ChildRow::id).containsExactlyInAnyOrder("a", "c");
        assertThat(inserted).allSatisfy(row -> {
            assertThatItIsInTheStore(row);
            assertThat(row.owner()).isEqualTo(a);
        });
        assertThat(row("b").owner()).isEqualTo(b);
        assertThat(work.insert(GROUP, List.of(spec("a")), b)).isEmpty();
    }

    @Test
    void nothingIsInsertedIntoATerminatedGroup() {
        join(a);
        work.terminateGroup(GROUP, Cause.INTENSITY_EXCEEDED, "too many restarts", a);
        assertThat(work.insert(GROUP, List.of(spec("one")), a)).isEmpty();
        assertThat(work.offer(GROUP, List.of(spec("two")))).isEmpty();
        work.reviveGroup(GROUP, a, null);
        assertThat(work.insert(GROUP, List.of(spec("one")), a)).hasSize(1);
    }

    @Test
    void everyPartOfASpecIsStored() {
        join(a);
        ChildSpec spec = new ChildSpec(
                "one",
                "relay",
                Map.of("topic", "prices", "size", 3, "nested", Map.of("list", List.of(1, "two", true))),
                RestartType.TRANSIENT,
                Duration.ofMillis(1500),
                new Shutdown.Timeout(Duration.ofSeconds(7)),
                ChildKind.SUPERVISOR,
                true,
                Takeover.IMMEDIATE,
                OutagePolicy.CONTINUE,
                Duration.ofSeconds(30));

        work.insert(GROUP, spec, a);
        work.insert(GROUP, spec("brutal").withShutdown(new Shutdown.Brutal()), a);
        work.insert(GROUP, spec("patient").withShutdown(new Shutdown.Infinity()), a);

        assertThat(row("one").spec()).isEqualTo(spec);
        assertThat(row("brutal").spec()).isEqualTo(spec("brutal").withShutdown(new Shutdown.Brutal()));
        assertThat(row("patient").spec()).isEqualTo(spec("patient").withShutdown(new Shutdown.Infinity()));
    }

    @Test
    void aCommandNeedsTheRevisionItWasDecidedOn() {
        join(a);
        insert("one", a);
        report("one", a, Phase.RUNNING, 1L);

        ChildRow commanded = work.command(GROUP, "one", 1, Command.TERMINATE, DesiredState.STOPPED, null);

        assertThat(commanded).isNotNull();
        assertThat(commanded.revision()).isEqualTo(2);
        assertThat(commanded.desired()).isEqualTo(DesiredState.STOPPED);
        assertThat(commanded.command()).isEqualTo(Command.TERMINATE);
        assertThat(commanded.isAnswered()).isFalse();
        assertThat(commanded.owner()).isEqualTo(a);
        assertThat(commanded.ownerState()).isEqualTo(PeerState.ALIVE);
        assertThat(work.command(GROUP, "one", 1, Command.RESTART, DesiredState.RUNNING, null))
                .isNull();
        assertThat(work.command(GROUP, "absent", 1, Command.RESTART, DesiredState.RUNNING, null))
                .isNull();
        assertThat(work.command(GROUP, "\0", 1, Command.RESTART, DesiredState.RUNNING, null))
                .isNull();
    }

    @Test
    void aCommandCanBringANewSpec() {
        join(a);
        insert("one", a);
        ChildSpec changed = spec("one").withKind(ChildKind.SUPERVISOR).withArguments(Map.of("n", 1));

        ChildRow commanded = work.command(GROUP, "one", 1, Command.RESTART, DesiredState.RUNNING, changed);

        assertThat(commanded).isNotNull();
        assertThat(commanded.spec()).isEqualTo(changed);
    }

    @Test
    void aWishToMoveLeavesTheRevision() {
        join(a);
        join(b);
        insert("one", a);

        assertThat(work.requestMove(GROUP, "one", 1, b)).isTrue();
        assertThat(row("one").moveTo()).isEqualTo(b);
        assertThat(row("one").revision()).isEqualTo(1);
        assertThat(work.requestMove(GROUP, "one", 2, a)).isFalse();
        assertThat(work.requestMove(GROUP, "absent", 1, a)).isFalse();
    }

    @Test
    void onlyWhatDoesNotRunIsDeleted() {
        join(a);
        insert("one", a);
        OwnedToken owned = OwnedToken.of(row("one"));
        assertThat(work.delete(GROUP, owned, 1)).isFalse();
        report("one", a, Phase.STOPPED, 1L);

        assertThat(work.delete(GROUP, owned, 2)).isFalse();
        assertThat(work.delete(GROUP, new OwnedToken("one", a, owned.token() - 1), 1))
                .isFalse();
        assertThat(work.delete(GROUP, new OwnedToken("one", null, owned.token()), 1))
                .isFalse();
        assertThat(work.delete(GROUP, owned, 1)).isTrue();
        assertThat(work.delete(GROUP, owned, 1)).isFalse();
        assertThat(work.rows(GROUP, Set.of("one"))).isEmpty();
    }

    @Test
    void anOfferedChildIsWhoseverClaimsItAndAKnownOneIsLeftAsItIs() {
        join(a);
        insert("known", a);
        assertThatItRaisesTheRevision(() -> assertThat(
                        work.offer(GROUP, List.of(ChildSpec.of("known", "other"), ChildSpec.of("new", "relay"))))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.id()).isEqualTo("new");
                    assertThat(row.owner()).isNull();
                    assertThat(row.isAnswered()).isFalse();
                    assertThat(row.command()).isEqualTo(ChildRow.Command.RESTART);
                    assertThat(row.phase()).isEqualTo(Phase.STARTING);
                }));
        ChildRow offered = work.rows(GROUP, Set.of("new")).get(0);
        assertThat(work.grant(GROUP, a, List.of(OwnedToken.of(offered)), StartCause.STARTED, Map.of()))
                .containsOnlyKeys("new");
    }

    @Test
    void anOrphanIsDeletedOnlyAsItWasRead() {
        join(a);
        work.offer(GROUP, List.of(ChildSpec.of("one", "relay")));
        ChildRow read = work.rows(GROUP, Set.of("one")).get(0);
        assertThat(work.deleteOrphan(GROUP, OwnedToken.of(read), read.revision() + 1))
                .isFalse();
        work.grant(GROUP, a, List.of(OwnedToken.of(read)), StartCause.STARTED, Map.of());
        assertThat(work.deleteOrphan(GROUP, OwnedToken.of(read), read.revision()))
                .isFalse();
        ChildRow granted = work.rows(GROUP, Set.of("one")).get(0);
        assertThat(work.deleteOrphan(GROUP, OwnedToken.of(granted), granted.revision()))
                .isTrue();
        assertThat(work.deleteOrphan(GROUP, OwnedToken.of(granted), granted.revision()))
                .isFalse();
        assertThat(work.rows(GROUP, Set.of("one"))).isEmpty();
    }

    @Test
    void aGroupIsTerminatedAndRevivedOnce() {
        join(a);
        join(b);

        assertThat(work.terminateGroup(GROUP, Cause.INTENSITY_EXCEEDED, "too many restarts", a))
                .isTrue();
        assertThat(work.terminateGroup(GROUP, Cause.INTENSITY_EXCEEDED, "another reason", b))
                .isFalse();
        assertThat(work.group(GROUP).orElseThrow().death().reason()).isEqualTo("too many restarts");
        assertThat(renewals.renew(b).groups().get(GROUP).terminated()).isTrue();

        Death death = work.group(GROUP).orElseThrow().death();
        Death earlier = new Death(death.cause(), death.reason(), death.at().minusMillis(1));
        assertThat(work.reviveGroup(GROUP, b, earlier)).isFalse();
        assertThat(work.reviveGroup(GROUP, b, death)).isTrue();
        assertThat(work.reviveGroup(GROUP, a, null)).isFalse();
        assertThat(work.group(GROUP).orElseThrow().death()).isNull();
    }
}
