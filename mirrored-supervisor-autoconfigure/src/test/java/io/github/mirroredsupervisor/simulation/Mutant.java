package io.github.mirroredsupervisor.simulation;

import io.github.mirroredsupervisor.testing.MutantBuild.Change;
import java.util.List;

/**
 * The production code without one rule of the ownership protocol: a piece of a source file and its replacement. The
 * protocol has a counterexample for each, so each has to break a promise.
 */
enum Mutant {
    DEADLINE_FROM_THE_REPLY("internal/liveness/HeartbeatLoop", "extend(sentAt,", "extend(repliedAt,"),

    NO_STOP_IN_THE_MARGIN("internal/lease/Permission", "lease.minus(stopBound).toNanos()", "lease.toNanos()"),

    OBSERVER_STAMPS_AT_SENDING(
            "internal/liveness/HeartbeatLoop",
            "detector.observed(renewal, repliedAt, answer.late())",
            "detector.observed(renewal, sentAt, false)"),

    CERTIFICATE_WITHOUT_COMPARING(
            new Change("simulation/SimulatedDatabase", " || !other.last().equals(last)", "").inTests()),

    EXPIRY_BY_THE_DATABASES_CLOCK(
            "internal/lease/PeerObservations",
            "before != null && before.beat().last().equals(beat.last()) ? before.since() : repliedAt;",
            "repliedAt - (beat.age() == null ? 0 : beat.age().toNanos());"),

    ACCUSES_WHOM_IT_HAS_JUST_BEGUN_TO_WATCH(
            "internal/lease/PeerObservations",
            "before != null && before.beat().last().equals(beat.last()) ? before.since() : repliedAt;",
            """
            before != null && before.beat().last().equals(beat.last())
                    ? before.since()
                    : before != null || this == NONE ? repliedAt : repliedAt - patience(beat.lease()).toNanos();
            """.strip()),

    START_BEFORE_COMMIT(
            "internal/ownership/OwnershipClaims",
            "expected.forEach((cause, some) -> tokens.putAll(session.grant(group, me, some, cause, redefined)));",
            """
            expected.forEach((cause, some) -> {
                try {
                    tokens.putAll(session.grant(group, me, some, cause, redefined));
                } catch (io.github.mirroredsupervisor.StoreUnavailableException e) {
                    some.forEach(one -> tokens.put(one.childId(), one.token() + 1));
                }
            });
            """.strip()),

    START_WITHOUT_ASKING_FOR_THE_PERMISSION(
            new Change(
                    "internal/group/GroupMember",
                    "me(),\n                peer.mayStart(),",
                    "me(),\n                peer.isJoined(),"),
            new Change(
                    "internal/group/GroupMember",
                    "if (!peer.mayStart()) {\n            return;",
                    "if (false) {\n            return;"),
            new Change(
                    "internal/supervision/run/ChildRun",
                    "!signal().isStopping() && environment.permitsStart()",
                    "!signal().isStopping()")),

    RESTART_WITHOUT_A_NEW_TOKEN(
            new Change(
                    "internal/reconcile/Reconciler",
                    "return now.isFresh(row) ? new Start(row, StartCause.RESTARTED) : new Raise(row, StartCause.RESTARTED);",
                    "return new Start(row, StartCause.RESTARTED);"),
            new Change("internal/supervision/TokenLedger", "token <= entry.used ||", "token < entry.used ||")),

    HAND_OVER_WITHOUT_A_NEW_TOKEN(
            new Change("simulation/SimulatedDatabase", """
                child.token = nextToken(child, one);
                child.owner = target;
""".strip(), "child.owner = target;").inTests()),

    HAND_OVER_NOT_BURNT(
            new Change(
                    "internal/group/GroupMember",
                    "burn(row);\n        List<OwnedToken> expected",
                    "local.tokens().unburn(row.id());\n        List<OwnedToken> expected"),
            new Change("internal/supervision/TokenLedger", """
                        synchronized boolean use(String childId, long token) {
                    """.strip(), """
                        public synchronized void unburn(String childId) {
                            entries.remove(childId);
                            floor = 0;
                        }

                        synchronized boolean use(String childId, long token) {
                    """.strip())),

    LATE_HAND_OVER(
            new Change("simulation/SimulatedDatabase", "if (isAsExpected(child, one)) {\n", "if (child != null) {\n")
                    .inTests()),

    CLAIM_WITHOUT_COMPARING(
            new Change("simulation/SimulatedDatabase", "if (!isAsExpected(child, one)) {", "if (child == null) {")
                    .inTests()),

    IMMEDIATE_WITHOUT_A_NEW_TOKEN(new Change(
                    "simulation/SimulatedDatabase",
                    "child.token = nextToken(child, one);\n            child.owner = me;",
                    "child.token = lost == null ? nextToken(child, one) : child.token;\n            child.owner = me;")
            .inTests()),

    NO_SWEEP("internal/group/GroupMember", """
            if (changed || ended || sweep == Sweep.FULL || state.owed) {
                lookAtAll();
            } else if (sweep == Sweep.IF_CHANGED && !lookAtAll) {
            """.strip(), """
            if (state.revision < 0 && state.members.isEmpty()) {
                lookAtAll();
            } else if (false) {
            """.strip()),

    LEFT_BEFORE_THE_STOP(
            "internal/peer/Departure",
            "session.leaving(peer.incarnation().id());",
            "session.leave(peer.incarnation().id());"),

    TIMED_THROUGH_AN_OUTAGE(
            new Change(
                    "internal/liveness/HeartbeatLoop", """
        measurements.execute(monitor::renewalFailed);
        detector.startAnew();
""", "        measurements.execute(monitor::renewalFailed);\n"),
            new Change("internal/liveness/Outage", """
        detector.startAnew();
        return underWay.""", "        return underWay."),
            new Change("internal/lease/PeerState", " && areTokensTrusted()", ""), // would wait for the second renewal
            new Change("internal/liveness/FailureDetector", "startAnew(); // a sick observer accuses nobody", ""),
            new Change(
                    "internal/liveness/FailureDetector", "late ? PeerObservations.NONE : observations", "observations"),
            new Change("internal/lease/PeerObservations", "answeredBy.equals(server)", "true")),

    NO_WATCHDOG("internal/liveness/Watchdog", "        outage.expired();\n", ""),

    ACTS_ON_AFTER_ITS_DEATH(
            new Change("internal/liveness/HeartbeatLoop", "        groups.revoke(false);\n", ""),
            new Change("internal/lease/Permission", "return state.getAndSet(ENDED) != ENDED;", "return true;"),
            new Change("internal/group/GroupLoop", "        revoke(false);\n", ""),
            new Change("internal/liveness/Watchdog", "        outage.expired();\n", "")),

    TOKENS_NOT_ABOVE_THE_MEMORY(
            new Change("internal/context/HighestToken", "highest.accumulateAndGet(token, Math::max);", "")),

    TOKENS_NOT_ABOVE_THE_TIME(
            new Change("simulation/SimulatedDatabase", "!isClockSetBack ? lastClock : 0", "0").inTests()),

    TOKENS_NOT_ABOVE_THOSE_OF_ROWS_THAT_ARE_GONE(
            new Change("simulation/SimulatedDatabase", "tokenFloor = Math.max(tokenFloor, gone.token);", "").inTests()),

    GRANTS_BY_FORGETFUL_ROWS(new Change("simulation/SimulatedDatabase", ".seq >= confirmed", ".seq >= 0").inTests()),

    A_STEP_BACK_UNSEEN(
            new Change("internal/lease/Recollection", "String found = find(renewal);", "String found = null;")),

    BEGINS_AFTER_AN_UNSEEN_OUTAGE(
            "internal/liveness/HeartbeatLoop",
            "if (answer.wasAway() && !outage.isUnderWay()) {",
            "if (answer.wasAway() && outage.isUnderWay()) {"),

    NO_DIGEST_AFTER_A_GAP(
            "internal/liveness/HeartbeatLoop", "return hadGap || renewalsSinceSweep", "return renewalsSinceSweep");

    private final List<Change> changes;

    Mutant(String file, String text, String instead) {
        this(new Change(file, text, instead));
    }

    Mutant(Change... changes) {
        this.changes = List.of(changes);
    }

    List<Change> changes() {
        return changes;
    }
}
