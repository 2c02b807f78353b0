package io.github.mirroredsupervisor.simulation;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Death;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Flags;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rows of {@link SimulatedDatabase}, which changes them in place. */
final class SimulatedRows {

    private SimulatedRows() {}

    static final class PeerEntry {
        final JoinRequest request;
        final long joinOrder;
        PeerState state = PeerState.ALIVE;
        long seq;
        Instant renewedAt;
        boolean cordoned;
        boolean leaving;
        long endedAt;

        @Nullable
        SessionLock lock;

        PeerEntry(JoinRequest request, long joinOrder, Instant now) {
            this.request = request;
            this.joinOrder = joinOrder;
            this.renewedAt = now;
        }

        PeerEntry copy() {
            PeerEntry copy = new PeerEntry(request, joinOrder, renewedAt);
            copy.state = state;
            copy.seq = seq;
            copy.cordoned = cordoned;
            copy.leaving = leaving;
            copy.endedAt = endedAt;
            copy.lock = lock;
            return copy;
        }

        Heartbeat last() {
            return new Heartbeat(seq, Duration.between(Instant.EPOCH, renewedAt).toNanos() / 1000);
        }

        MemberRow member(Set<String> types, long children, Set<String> immediate) {
            return new MemberRow(
                    request.id(),
                    request.ref(),
                    state,
                    cordoned || leaving,
                    joinOrder,
                    renewedAt,
                    types,
                    children,
                    immediate);
        }
    }

    static final class GroupEntry {
        final Map<PeerId, Set<String>> members = new LinkedHashMap<>();
        final Map<String, Child> children = new LinkedHashMap<>();
        Flags flags;
        long revision = 1;

        /** Declared children that were removed by a call. */
        final Set<String> removed = new HashSet<>();

        @Nullable
        Death death;

        GroupEntry(Flags flags) {
            this.flags = flags;
        }

        GroupEntry copy() {
            GroupEntry copy = new GroupEntry(flags);
            copy.members.putAll(members);
            copy.removed.addAll(removed);
            children.forEach((id, child) -> copy.children.put(id, child.copy()));
            copy.revision = revision;
            copy.death = death;
            return copy;
        }

        GroupRow row(String name) {
            return new GroupRow(name, flags, death, revision);
        }
    }

    static final class Child {
        final long order;
        final boolean isStatic;
        ChildSpec spec;
        DesiredState desired = DesiredState.RUNNING;
        Phase phase = Phase.STARTING;
        Instant since;

        @Nullable
        PeerId owner;

        long token;
        long revision = 1;
        long answered;
        Command command = Command.DECLARE;

        @Nullable
        String failure;

        @Nullable
        PeerId moveTo;

        @Nullable
        Instant takenOverAt;

        int restarts;
        int restartsInWindow;
        int crashes;

        @Nullable
        Instant nextRetry;

        @Nullable
        LastExit lastExit;

        Child(ChildSpec spec, long order, boolean isStatic, long token, Instant now) {
            this.spec = spec;
            this.order = order;
            this.isStatic = isStatic;
            this.token = token;
            this.since = now;
        }

        Child copy() {
            Child copy = new Child(spec, order, isStatic, token, since);
            copy.desired = desired;
            copy.phase = phase;
            copy.owner = owner;
            copy.revision = revision;
            copy.answered = answered;
            copy.command = command;
            copy.failure = failure;
            copy.moveTo = moveTo;
            copy.takenOverAt = takenOverAt;
            copy.restarts = restarts;
            copy.restartsInWindow = restartsInWindow;
            copy.crashes = crashes;
            copy.nextRetry = nextRetry;
            copy.lastExit = lastExit;
            return copy;
        }

        boolean isAtRest() {
            return phase == Phase.STOPPED || phase == Phase.COMPLETED || phase == Phase.QUARANTINED;
        }

        void enter(Phase next, Instant now) {
            phase = next;
            since = now;
        }

        void report(PhaseReport report, Instant now) {
            if (phase != report.phase()) {
                enter(report.phase(), now);
            }
            restarts = report.restarts();
            restartsInWindow = report.restartsInWindow();
            nextRetry = report.nextRetry();
            lastExit = report.lastExit() == null ? lastExit : report.lastExit();
            Long answers = report.answers();
            if ((answers != null && answers >= answered) || report.phase() == Phase.QUARANTINED) {
                failure = report.failure();
            }
            answered = Math.max(answered, answers == null ? 0 : answers);
            if (report.desired() != null && revision == (answers == null ? revision : answers)) {
                desired = report.desired();
            }
        }

        ChildRow row(@Nullable PeerEntry by, boolean placeable, Instant now) {
            boolean young = by != null
                    && by.state != PeerState.LEFT
                    && (phase == Phase.STARTING || phase == Phase.RUNNING)
                    && since.isAfter(by.renewedAt.minus(by.request.lease()));
            Duration inPhase = Duration.between(since, now);
            return new ChildRow(
                    spec.id(),
                    spec,
                    null,
                    spec.type(),
                    spec.restart(),
                    order,
                    isStatic,
                    desired,
                    phase,
                    owner,
                    by == null ? null : by.request.ref(),
                    by == null ? null : by.state,
                    token,
                    placeable,
                    revision,
                    answered,
                    command,
                    failure,
                    moveTo,
                    since,
                    inPhase.isNegative() ? Duration.ZERO : inPhase,
                    restarts,
                    restartsInWindow,
                    nextRetry,
                    lastExit,
                    young ? crashes + 1 : 0);
        }
    }
}
