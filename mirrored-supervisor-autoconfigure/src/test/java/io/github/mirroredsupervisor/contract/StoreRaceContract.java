package io.github.mirroredsupervisor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest.Membership;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.simulation.SimulatedDatabase;
import io.github.mirroredsupervisor.simulation.SimulatedStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Two or three concurrent transactions, each on its own connection. Their result must be that of some serial order. The
 * simulated database computes the results of all orders, so the simulation and every store agree.
 */
public abstract class StoreRaceContract {

    private static final String CHILD = "one";
    private static final Duration LEASE = Duration.ofSeconds(30);

    private int raced;

    /** Everything that changes a peer or the owner of a child, by one of three peers; the first owns the child. */
    public enum Step {
        FIRST_RENEWS {
            @Override
            public boolean take(Scene scene, Sessions on) {
                return on.renewals().renew(scene.first).renewed();
            }
        },
        FIRST_LEAVES {
            @Override
            public boolean take(Scene scene, Sessions on) {
                on.work().leave(scene.first);
                return true;
            }
        },
        FIRST_ACCUSES_SECOND {
            @Override
            public boolean take(Scene scene, Sessions on) {
                return on.work().certify(scene.first, scene.second, scene.lastOfSecond);
            }
        },
        SECOND_ACCUSES_FIRST {
            @Override
            public boolean take(Scene scene, Sessions on) {
                return on.work().certify(scene.second, scene.first, scene.lastOfFirst);
            }
        },
        THIRD_ACCUSES_FIRST {
            @Override
            public boolean take(Scene scene, Sessions on) {
                return on.work().certify(scene.third, scene.first, scene.lastOfFirst);
            }
        },
        FIRST_RAISES {
            @Override
            public boolean take(Scene scene, Sessions on) {
                return scene.grant(on, scene.first, StartCause.RESTARTED);
            }
        },
        SECOND_ADOPTS {
            @Override
            public boolean take(Scene scene, Sessions on) {
                return scene.grant(on, scene.second, StartCause.FAILED_OVER);
            }
        },
        THIRD_ADOPTS {
            @Override
            public boolean take(Scene scene, Sessions on) {
                return scene.grant(on, scene.third, StartCause.FAILED_OVER);
            }
        },
        FIRST_HANDS_TO_THIRD {
            @Override
            public boolean take(Scene scene, Sessions on) {
                return on.work()
                        .release(scene.group, List.of(scene.read), scene.third)
                        .contains(CHILD);
            }
        },
        FIRST_REPORTS {
            @Override
            public boolean take(Scene scene, Sessions on) {
                PhaseReport running =
                        new PhaseReport(CHILD, scene.read.token(), Phase.RUNNING, 0, 0, null, null, 1L, null, null);
                on.work().report(scene.group, scene.first, List.of(running), Set.of());
                return true;
            }
        },
        TERMINATED {
            @Override
            public boolean take(Scene scene, Sessions on) {
                return on.work()
                                .command(
                                        scene.group,
                                        CHILD,
                                        scene.revision,
                                        Command.TERMINATE,
                                        DesiredState.STOPPED,
                                        null)
                        != null;
            }
        },
        RESTARTED {
            @Override
            public boolean take(Scene scene, Sessions on) {
                return on.work()
                                .command(
                                        scene.group, CHILD, scene.revision, Command.RESTART, DesiredState.RUNNING, null)
                        != null;
            }
        };

        /** Returns whether it changed something. */
        public abstract boolean take(Scene scene, Sessions on);
    }

    /** The connections of one participant. */
    public record Sessions(WorkSession work, RenewalSession renewals) implements AutoCloseable {

        public static Sessions of(Store store) {
            return new Sessions(store.openWork(), store.openRenewals());
        }

        @Override
        public void close() {
            work.close();
            renewals.close();
        }
    }

    /** Three live peers, and a child of the first. */
    public static final class Scene {
        private final String group;
        private final PeerId first = PeerId.random();
        private final PeerId second = PeerId.random();
        private final PeerId third = PeerId.random();
        private final OwnedToken read;
        private final long revision;
        private final Heartbeat lastOfFirst;
        private final Heartbeat lastOfSecond;

        private Scene(String group, Sessions on) {
            this.group = group;
            Stream.of(first, second, third).forEach(peer -> on.work().join(request(peer)));
            ChildRow row = Objects.requireNonNull(on.work().insert(group, ChildSpec.of(CHILD, "relay"), first));
            this.read = OwnedToken.of(row);
            this.revision = row.revision();
            this.lastOfFirst = lastOf(first, on);
            this.lastOfSecond = lastOf(second, on);
        }

        private JoinRequest request(PeerId peer) {
            GroupSettings flags =
                    new GroupSettings(group, Strategy.ONE_FOR_ONE, 1, Duration.ofSeconds(5), Duration.ZERO);
            return new JoinRequest(
                    peer,
                    new PeerRef(peer, "label", "host", 1),
                    LEASE,
                    Duration.ofMillis(500),
                    List.of(new Membership(flags, Set.of("relay"), List.of())));
        }

        private Heartbeat lastOf(PeerId peer, Sessions on) {
            return on.renewals().renew(third).peers().stream()
                    .filter(beat -> beat.id().equals(peer))
                    .map(Renewal.PeerBeat::last)
                    .findFirst()
                    .orElseThrow();
        }

        private boolean grant(Sessions on, PeerId to, StartCause cause) {
            return on.work().grant(group, to, List.of(read), cause, Map.of()).containsKey(CHILD);
        }

        /** The result as text that is the same for every store. */
        private String outcome(List<Step> steps, List<Boolean> results, Sessions on) {
            ChildRow row = on.work().rows(group, Set.of(CHILD)).get(0);
            StringBuilder said = new StringBuilder();
            for (int i = 0; i < steps.size(); i++) {
                said.append(steps.get(i)).append(results.get(i) ? " did, " : " did not, ");
            }
            return said.append("owner ")
                    .append(nameOf(row.owner()))
                    .append(row.token() == read.token() ? " as before, " : " anew, ")
                    .append(row.desired())
                    .append(' ')
                    .append(row.phase())
                    .append(", ")
                    .append(stateOf(first, on))
                    .append(' ')
                    .append(stateOf(second, on))
                    .toString();
        }

        private String nameOf(@Nullable PeerId peer) {
            return peer == null ? "nobody" : peer.equals(first) ? "first" : peer.equals(second) ? "second" : "third";
        }

        /** A peer that has left is not a member any more. */
        private PeerState stateOf(PeerId peer, Sessions on) {
            return on.work().members(group).stream()
                    .filter(member -> member.id().equals(peer))
                    .map(MemberRow::state)
                    .findFirst()
                    .orElse(PeerState.LEFT);
        }

        private void end(Sessions on) {
            Stream.of(first, second, third).forEach(on.work()::leave);
        }
    }

    /** A store of one peer; each call returns another one on the same rows. */
    protected abstract Store store();

    /** Runs all steps at once, as far as this store can. Returns each step's result. */
    protected abstract List<Boolean> meet(Scene scene, List<Step> steps);

    /** How often each combination of three runs; each pair runs twice as often. */
    protected abstract int rounds();

    @Test
    void twoThatMeetCameOneAfterTheOther() {
        assertSerial(extended(extended(List.of(List.of()))), 2 * rounds());
    }

    @Test
    void threeThatMeetCameOneAfterTheOther() {
        assertSerial(extended(extended(extended(List.of(List.of())))), rounds());
    }

    /** Combines each step with every step that does not precede it. */
    private static List<List<Step>> extended(List<List<Step>> shorter) {
        return shorter.stream()
                .flatMap(steps -> Stream.of(Step.values())
                        .filter(step -> steps.isEmpty()
                                || step.ordinal() > steps.get(steps.size() - 1).ordinal())
                        .map(step ->
                                Stream.concat(steps.stream(), Stream.of(step)).toList()))
                .toList();
    }

    private void assertSerial(List<List<Step>> races, int times) {
        try (Sessions on = Sessions.of(store())) {
            for (List<Step> steps : races) {
                Set<String> allowed = serially(steps);
                for (int round = 0; round < times; round++) {
                    Scene scene = new Scene("race-" + ++raced, on);
                    String outcome = scene.outcome(steps, meet(scene, steps), on);
                    scene.end(on);
                    assertThat(outcome).isIn(allowed);
                }
            }
        }
    }

    /** The results of all serial orders. */
    private static Set<String> serially(List<Step> steps) {
        Set<String> outcomes = new TreeSet<>();
        for (List<Integer> order : orders(steps.size())) {
            SimulatedDatabase database = new SimulatedDatabase(System::nanoTime);
            try (Sessions on = Sessions.of(new SimulatedStore(database, SimulatedStore.PERFECT, () -> {}, () -> 1))) {
                Scene scene = new Scene("race", on);
                Boolean[] results = new Boolean[steps.size()];
                order.forEach(i -> results[i] = steps.get(i).take(scene, on));
                outcomes.add(scene.outcome(steps, List.of(results), on));
            }
        }
        return outcomes;
    }

    private static List<List<Integer>> orders(int count) {
        if (count == 0) {
            return List.of(List.of());
        }
        List<List<Integer>> orders = new ArrayList<>();
        for (List<Integer> shorter : orders(count - 1)) {
            for (int place = 0; place <= shorter.size(); place++) {
                List<Integer> order = new ArrayList<>(shorter);
                order.add(place, count - 1);
                orders.add(order);
            }
        }
        return orders;
    }
}
