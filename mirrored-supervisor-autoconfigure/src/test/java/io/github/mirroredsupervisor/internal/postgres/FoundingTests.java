package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.internal.postgres.children.ChildCommands;
import io.github.mirroredsupervisor.internal.postgres.children.ChildRowMapper;
import io.github.mirroredsupervisor.internal.postgres.values.SpecJson;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.AutoShutdown;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnEmptyGroup;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnStartFailure;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.supervision.values.OnIntensityExceeded;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.RowHolder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who founds a group that has no live member, and that nobody else has to wait for the group's row. */
class FoundingTests extends StoreTest {

    private static final String HOLD = "select from mirrored_supervisor.supervision_group for update";

    private static final int MANY = 12;

    @Test
    void beneathALiveMemberARowThatSomebodyHoldsHoldsUpNobody() {
        work().join(request(a, Set.of("relay"), List.of(spec("one"))));
        try (RowHolder holder = RowHolder.of(database, HOLD)) {
            List<GroupRow> rows = work().join(request(b, Set.of("relay"), List.of(spec("one"), spec("two"))));
            assertThat(rows).extracting(GroupRow::name).containsExactly(GROUP);
            holder.rollback();
        }
        assertThat(work().members(GROUP)).hasSize(2);
        assertThat(work().allRows(GROUP)).extracting(ChildRow::id).containsExactlyInAnyOrder("one", "two");
    }

    @Test
    void aChildThatSomebodyChangesHoldsUpNobodyWhoDeclaresItToo() {
        work().join(request(a, Set.of("relay"), List.of(spec("one"))));
        try (RowHolder holder = RowHolder.of(database, "update mirrored_supervisor.child set failure = 'changing'")) {
            work().join(request(b, Set.of("relay"), List.of(spec("one"), spec("two"))));
            holder.rollback();
        }
        assertThat(work().members(GROUP)).hasSize(2);
    }

    /** The one who begins the group anew has looked for members before, and saw none. */
    @Test
    void whatSomebodyStartedWhoJoinedMeanwhileIsNotDeleted() {
        work().join(request(a, Set.of("relay"), List.of(spec("one"))));
        SpecJson json = new SpecJson();
        ChildCommands commands = new ChildCommands(json, new ChildRowMapper(json));
        assertThat(commands.deleteAll(database.jdbc(), GROUP, null, b)).isEmpty();
        assertThat(work().allRows(GROUP)).hasSize(1);
        assertThat(commands.deleteAll(database.jdbc(), GROUP, null, a)).containsExactly("one");
    }

    @Test
    void anEmptyGroupThatIsToStayAsItIsNeedsNoLock() {
        WorkSession first = work();
        first.join(request(a, Set.of("relay"), List.of()));
        first.leave(a);
        try (RowHolder holder = RowHolder.of(database, HOLD)) {
            work().join(request(b, Set.of("relay"), List.of()));
            holder.rollback();
        }
        assertThat(work().members(GROUP)).hasSize(1);
    }

    @Test
    void declaredChildrenThatEndedRunAgainInAnEmptyGroupWhoseRowSomebodyHolds() {
        ChildSpec temporary = spec("temporary").withRestart(RestartType.TEMPORARY);
        List<ChildSpec> declared = List.of(temporary, spec("transient").withRestart(RestartType.TRANSIENT));
        WorkSession first = work();
        first.join(request(a, Set.of("relay"), declared));
        ChildRow once = row(first, "temporary");
        first.remove(GROUP, List.of(new OwnedToken(once.id(), once.owner(), once.token())), "ended");
        database.execute("update mirrored_supervisor.child set phase = 'COMPLETED' where id = 'transient'");
        first.leave(a);
        try (RowHolder holder = RowHolder.of(database, HOLD)) {
            work().join(request(b, Set.of("relay"), declared));
            holder.rollback();
        }
        assertThat(row(first, "temporary").phase()).isEqualTo(Phase.STARTING);
        assertThat(row(first, "transient").phase()).isEqualTo(Phase.STARTING);
    }

    @Test
    void anEmptyGroupThatIsToBeChangedSaysWhoIsInTheWay() {
        WorkSession first = work();
        first.join(request(a, Set.of("relay"), List.of()));
        first.leave(a);
        try (RowHolder holder = RowHolder.of(database, HOLD)) {
            assertThatThrownBy(() -> work().join(request(b, Strategy.REST_FOR_ONE, OnEmptyGroup.RECLAIM, List.of())))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("another session keeps that row locked")
                    .hasMessageContaining(GROUP);
            holder.rollback();
        }
        work().join(request(c, Strategy.REST_FOR_ONE, OnEmptyGroup.RECLAIM, List.of()));
        assertThat(work().group(GROUP).orElseThrow().flags().strategy()).isEqualTo(Strategy.REST_FOR_ONE);
    }

    @Test
    void ofManyThatFindAGroupEmptyOneFoundsIt() {
        WorkSession first = work();
        first.join(request(a, Set.of("relay"), List.of()));
        first.insert(GROUP, spec("former"), a);
        first.leave(a);
        List<ChildSpec> declared =
                IntStream.range(0, 5).mapToObj(i -> spec("declared-" + i)).toList();
        CyclicBarrier together = new CyclicBarrier(MANY);
        List<Background<List<GroupRow>>> joins = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            Strategy strategy = Strategy.values()[i % Strategy.values().length];
            WorkSession own = work();
            joins.add(Background.call(() -> {
                PeerId peer = PeerId.random();
                own.group(GROUP);
                together.await();
                List<GroupRow> rows = own.join(request(peer, strategy, OnEmptyGroup.RESET, declared));
                own.insert(GROUP, spec("of-" + peer), peer);
                return rows;
            }));
        }
        Set<Strategy> seen = new HashSet<>();
        joins.forEach(join -> seen.add(join.result().get(0).flags().strategy()));

        WorkSession reading = work();
        assertThat(seen)
                .as("all members have the flags of one")
                .containsExactly(reading.group(GROUP).orElseThrow().flags().strategy());
        assertThat(reading.members(GROUP)).hasSize(MANY);
        assertThat(reading.allRows(GROUP))
                .extracting(ChildRow::id)
                .doesNotContain("former")
                .containsAll(declared.stream().map(ChildSpec::id).toList())
                .hasSize(declared.size() + MANY);
    }

    private static JoinRequest request(
            PeerId peer, Strategy strategy, OnEmptyGroup onEmptyGroup, List<ChildSpec> declared) {
        GroupSettings flags = new GroupSettings(
                GROUP,
                strategy,
                1,
                Duration.ofSeconds(5),
                Duration.ZERO,
                new GroupPolicies(
                        AutoShutdown.NEVER,
                        OnIntensityExceeded.TERMINATE_GROUP,
                        onEmptyGroup,
                        OnStartFailure.RETRY,
                        null));
        JoinRequest plain = request(peer, Set.of("relay"), declared);
        return new JoinRequest(
                peer,
                plain.ref(),
                plain.lease(),
                plain.stopBound(),
                List.of(new JoinRequest.Membership(flags, Set.of("relay"), declared)));
    }
}
