package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.group.ReconcileAction.Claim;
import io.github.mirroredsupervisor.internal.group.ReconcileAction.Defer;
import io.github.mirroredsupervisor.internal.group.ReconcileAction.Quarantine;
import io.github.mirroredsupervisor.internal.group.ReconcileAction.Raise;
import io.github.mirroredsupervisor.internal.group.ReconcileAction.Release;
import io.github.mirroredsupervisor.internal.group.ReconcileAction.Remove;
import io.github.mirroredsupervisor.internal.group.ReconcileAction.Settle;
import io.github.mirroredsupervisor.internal.group.ReconcileAction.Start;
import io.github.mirroredsupervisor.internal.group.ReconcileAction.Stop;
import io.github.mirroredsupervisor.internal.group.ReconcileAction.Try;
import io.github.mirroredsupervisor.internal.group.ReconcileAction.WithdrawMove;
import io.github.mirroredsupervisor.internal.store.ChildRow;
import io.github.mirroredsupervisor.internal.store.OwnedToken;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.supervision.Attempt;
import io.github.mirroredsupervisor.internal.supervision.Launch;
import io.github.mirroredsupervisor.internal.supervision.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.run.LocalSupervisor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what the {@link Reconciler} decides about rows: as few statements and as few words to the local
 * supervisor as possible. Confined to the work thread.
 */
final class ReconcileExecutor {

    private final String group;
    private final PeerContext peer;
    private final LocalSupervisor local;
    private final Tools tools;
    private final OwnershipClaims grants;
    private final LaunchLedger ledger;
    private final Outbox outbox;

    /** What a member keeps, and its deeds go by. */
    record Tools(
            GroupMember.Transit transit,
            OwnershipClaims grants,
            LaunchLedger ledger,
            Outbox outbox,
            AdoptionSchedule orphans,
            InitialChildren initialStart) {}

    ReconcileExecutor(String group, PeerContext peer, LocalSupervisor local, Tools tools) {
        this.group = group;
        this.peer = peer;
        this.local = local;
        this.tools = tools;
        this.grants = tools.grants();
        this.ledger = tools.ledger();
        this.outbox = tools.outbox();
    }

    /**
     * Decides about each row and does what is to be done.
     *
     * @return whether every grant was given that was asked for: if not, another owns the child, or somebody keeps its
     *     row locked, and either is worth another look
     */
    boolean enact(WorkSession session, List<ChildRow> rows, ReconcileContext now) {
        List<Claim> claims = new ArrayList<>();
        List<ReconcileAction> others = new ArrayList<>();
        List<Defer> defers = new ArrayList<>();
        List<Try> tries = new ArrayList<>();
        for (ChildRow row : rows) {
            ReconcileAction action = Reconciler.decide(grants.defined(row), now);
            if (action instanceof Claim claim) {
                claims.add(claim);
            } else if (action instanceof Defer defer) {
                defers.add(defer);
            } else if (action instanceof Try one) {
                tries.add(one);
            } else if (action != null) {
                others.add(action);
            }
        }
        claims.addAll(tools.orphans().due(defers, tries));
        List<Claim> granted = grants.claim(session, claims);
        others.addAll(afterGrant(granted, now));
        boolean raised = carryOut(session, others);
        grants.tellOfAdopted();
        return raised && granted.size() == claims.size();
    }

    /** Starts, or whatever is to be done about them, children that were taken over just now. */
    void enactGranted(WorkSession session, List<Claim> granted, ReconcileContext now) {
        carryOut(session, afterGrant(granted, now));
        grants.tellOfAdopted();
    }

    private static List<ReconcileAction> afterGrant(List<Claim> claims, ReconcileContext now) {
        List<ReconcileAction> actions = new ArrayList<>();
        for (Claim granted : claims) {
            ReconcileAction next = Reconciler.decide(granted.row(), now);
            if (next != null) {
                actions.add(next instanceof Start start ? new Start(start.row(), granted.cause()) : next);
            }
        }
        return actions;
    }

    private boolean carryOut(WorkSession session, List<ReconcileAction> actions) {
        List<Start> starts = new ArrayList<>();
        Map<StartCause, List<ChildRow>> raises = new EnumMap<>(StartCause.class);
        Map<String, List<ChildRow>> removals = new LinkedHashMap<>();
        for (ReconcileAction action : actions) {
            if (action instanceof Start start) {
                starts.add(start);
            } else if (action instanceof Raise raise) {
                raises.computeIfAbsent(raise.cause(), k -> new ArrayList<>()).add(raise.row());
            } else if (action instanceof Remove remove) {
                removals.computeIfAbsent(remove.why(), k -> new ArrayList<>()).add(remove.row());
            } else {
                carryOut(session, action);
            }
        }
        removals.forEach((why, rows) -> remove(session, rows, why));
        List<Start> raised = raise(session, raises);
        starts.addAll(raised);
        if (peer.mayStart()) {
            launch(starts);
        }
        if (!outbox.isEmpty()) {
            outbox.flush(session, me());
        }
        return raised.size() == raises.values().stream().mapToInt(List::size).sum();
    }

    private void carryOut(WorkSession session, ReconcileAction action) {
        if (action instanceof Stop stop) {
            local.stop(stop.childId(), stop.reason());
        } else if (action instanceof Settle settle) {
            outbox.settle(settle.row(), settle.phase());
        } else if (action instanceof Release release) {
            release(session, release.row(), release.target());
        } else if (action instanceof Quarantine quarantine) {
            grants.quarantine(session, quarantine.row());
        } else if (action instanceof WithdrawMove withdraw) {
            session.requestMove(group, withdraw.row().id(), withdraw.row().revision(), null);
        }
    }

    /** The starts of those that got their new token. */
    private List<Start> raise(WorkSession session, Map<StartCause, List<ChildRow>> raises) {
        List<Start> starts = new ArrayList<>();
        raises.forEach((cause, rows) -> {
            Map<String, Long> tokens = grants.tokens(session, rows, cause);
            for (ChildRow row : rows) {
                Long token = tokens.get(row.id());
                if (token != null) {
                    starts.add(new Start(grants.granted(row, token), cause));
                }
            }
        });
        return starts;
    }

    private void launch(List<Start> starts) {
        List<Launch> batch = new ArrayList<>();
        Map<String, LocalChild> known =
                local.children(starts.stream().map(s -> s.row().id()).collect(Collectors.toSet()));
        starts.sort(Comparator.comparingLong((Start s) -> s.row().order())
                .thenComparing(s -> s.row().id()));
        for (Start start : starts) {
            ChildRow row = start.row();
            grants.handedOver(start);
            LocalChild child = known.get(row.id());
            if (child != null && child.status() == Status.AWAITING_TOKEN) {
                ledger.relaunching(row);
                local.granted(row.id(), row.token());
            } else {
                ledger.launching(row);
                ChildSpec spec = Objects.requireNonNull(row.spec(), "only rows with a spec are started");
                batch.add(new Launch(spec, row.order(), row.token(), start.cause(), attempt(row)));
            }
        }
        if (!batch.isEmpty()) {
            local.start(batch);
        }
        if (!starts.isEmpty()) {
            Map<String, Long> launches = ledger.launchesInFlight();
            local.afterCarriedOut(() -> tools.transit().enqueue(() -> ledger.takenUp(launches)));
        }
    }

    private Attempt attempt(ChildRow row) {
        if (!row.isAnswered()) {
            return Attempt.COMMANDED;
        }
        return row.isStatic() && tools.initialStart().isPending() ? Attempt.INITIAL : Attempt.FIRST;
    }

    private void remove(WorkSession session, List<ChildRow> rows, String why) {
        session.remove(group, rows.stream().map(OwnedToken::of).toList(), why);
        rows.forEach(row -> local.forget(row.id()));
    }

    /** Protocol rule 8: from the moment the hand-over is sent the old token is burnt. */
    private void release(WorkSession session, ChildRow row, @Nullable PeerId target) {
        ledger.burn(row);
        if (session.release(group, List.of(grants.expected(row)), target).contains(row.id())) {
            local.forget(row.id());
            grants.tellOfReleased(Set.of(row.id()), target);
        }
    }

    private PeerId me() {
        return peer.incarnation().id();
    }
}
