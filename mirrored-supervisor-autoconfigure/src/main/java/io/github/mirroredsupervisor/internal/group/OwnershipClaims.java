package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.group.ReconcileAction.Claim;
import io.github.mirroredsupervisor.internal.group.ReconcileAction.Start;
import io.github.mirroredsupervisor.internal.lease.Incarnation;
import io.github.mirroredsupervisor.internal.store.ChildRow;
import io.github.mirroredsupervisor.internal.store.ChildViews;
import io.github.mirroredsupervisor.internal.store.OwnedToken;
import io.github.mirroredsupervisor.internal.store.SessionLock;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a member gets tokens: for orphans by claiming them, for its own children by raising (protocol rules 5 and 7). One
 * statement for all that share a cause. Confined to the work thread, save where a method says otherwise.
 */
public final class OwnershipClaims {

    private static final Logger log = LoggerFactory.getLogger(OwnershipClaims.class);

    private final String group;
    private final Map<String, ChildSpec> declared;
    private final PeerContext peer;
    private final LaunchLedger ledger;
    private final Map<String, Duration> unowned = new ConcurrentHashMap<>();
    private final Map<StartCause, List<String>> adopted = new EnumMap<>(StartCause.class);

    OwnershipClaims(GroupDefinition definition, PeerContext peer, LaunchLedger ledger) {
        this.ledger = ledger;
        this.group = definition.settings().name();
        this.declared = definition.staticChildren().stream().collect(Collectors.toMap(ChildSpec::id, spec -> spec));
        this.peer = peer;
    }

    /**
     * The row with this member's own definition of a static child, which counts from the next grant on (semantics row
     * A16).
     */
    ChildRow defined(ChildRow row) {
        ChildSpec definition = row.isStatic() ? declared.get(row.id()) : null;
        return definition == null ? row : row.definedAs(definition);
    }

    /** Any thread: what this peer declares of a child; null if it does not. */
    @Nullable
    public ChildSpec declaration(String childId) {
        return declared.get(childId);
    }

    /**
     * Claims what can still be claimed as it was read. Returns the claims that succeeded, with the rows as they are
     * now.
     */
    List<Claim> claim(WorkSession session, List<Claim> claims) {
        Map<StartCause, List<Claim>> byCause = new EnumMap<>(StartCause.class);
        claims.forEach(c ->
                byCause.computeIfAbsent(c.cause(), cause -> new ArrayList<>()).add(c));
        List<Claim> granted = new ArrayList<>();
        byCause.forEach((cause, some) -> {
            List<ChildRow> rows = some.stream().map(Claim::row).toList();
            List<OwnedToken> expected = some.stream()
                    .map(c -> expected(c.row()).withCrashes(c.crashes()))
                    .toList();
            Map<String, Long> tokens = session.grant(group, peer.incarnation().id(), expected, cause, redefined(rows));
            for (ChildRow row : rows) {
                Long token = tokens.get(row.id());
                if (token != null) {
                    adopted(row, token, cause);
                    granted.add(new Claim(granted(row, token), cause));
                }
            }
        });
        return granted;
    }

    /**
     * Protocol rule 10: takes what still is as it was read, if the lost lock still is the one that its owner shows.
     * Returns the claims that succeeded.
     */
    List<Claim> takeOver(WorkSession session, List<ChildRow> rows, SessionLock lost, long releasedAt) {
        Map<String, Long> tokens = session.takeOver(group, peer.incarnation().id(), owned(rows), lost, redefined(rows));
        List<Claim> granted = new ArrayList<>();
        for (ChildRow row : rows) {
            Long token = tokens.get(row.id());
            if (token != null) {
                Duration gap = Duration.ofNanos(peer.machine().nanoTime() - releasedAt);
                announce(row, token, StartCause.TAKEN_OVER, lost.peer(), gap);
                granted.add(new Claim(granted(row, token), StartCause.TAKEN_OVER));
            }
        }
        return granted;
    }

    /** New tokens for children, by id; one that is not there was granted to somebody else meanwhile. */
    Map<String, Long> tokens(WorkSession session, List<ChildRow> rows, StartCause cause) {
        return session.grant(group, peer.incarnation().id(), owned(rows), cause, redefined(rows));
    }

    private List<OwnedToken> owned(List<ChildRow> rows) {
        return rows.stream().map(this::expected).toList();
    }

    OwnedToken expected(ChildRow row) {
        return OwnedToken.of(row, above(row));
    }

    /**
     * Protocol rule 11b: what this process has heard of exceeds what the row shows if the database has forgotten
     * something.
     */
    private long above(ChildRow row) {
        return Math.max(peer.highestToken().get(), ledger.tokens().burnt(row.id()));
    }

    private Map<String, ChildSpec> redefined(List<ChildRow> rows) {
        return rows.stream()
                .filter(r -> r.isStatic() && declared.containsKey(r.id()))
                .collect(Collectors.toMap(ChildRow::id, r -> Objects.requireNonNull(declared.get(r.id()))));
    }

    /** Where it is left as it is, another command or another peer was first. */
    void quarantine(WorkSession session, ChildRow row) {
        String reason = row.suspicions() + " processes in a row died within a lease of its start";
        if (session.quarantine(group, OwnedToken.of(row), reason)) {
            peer.later(() -> log.error(
                    "Child '{}' of group '{}' is quarantined until it is restarted: {}", row.id(), group, reason));
            peer.publish(new SupervisorEvent.ChildQuarantined(peer.now(), ChildViews.ref(group, row), reason));
        }
    }

    ChildRow granted(ChildRow row, long token) {
        peer.highestToken().heardOf(token);
        Incarnation me = peer.incarnation();
        return row.grantedTo(me.id(), me.ref(), token);
    }

    private void adopted(ChildRow row, long token, StartCause cause) {
        if (cause == StartCause.FAILED_OVER || cause == StartCause.HANDED_OVER) {
            Duration gap = row.owner() == null ? row.inPhase() : peer.sinceLastSeen(row.owner());
            announce(row, token, cause, row.owner(), gap);
        }
    }

    /** A child that its former owner handed to this peer itself. */
    void handedOver(Start start) {
        ChildRow row = start.row();
        if (start.cause() == StartCause.HANDED_OVER && !unowned.containsKey(row.id())) {
            announce(row, row.token(), start.cause(), null, row.inPhase());
        }
    }

    private void announce(ChildRow row, long token, StartCause cause, @Nullable PeerId from, @Nullable Duration gap) {
        if (gap != null) {
            unowned.put(row.id(), gap);
        }
        adopted.computeIfAbsent(cause, c -> new ArrayList<>()).add(row.id());
        ChildRef ref = new ChildRef(group, row.id(), token, peer.incarnation().ref());
        peer.publish(new SupervisorEvent.ChildAdopted(peer.now(), ref, from, cause));
    }

    /**
     * Tells of all that were adopted since the last call, in one line for each cause: their starts need not wait for
     * the log.
     */
    void tellOfAdopted() {
        adopted.forEach((cause, ids) ->
                peer.later(() -> log.info("Adopted children of group '{}' ({}): {}", group, cause, ids)));
        adopted.clear();
    }

    /** Children that are nobody's now, or the target's. */
    void tellOfReleased(Set<String> childIds, @Nullable PeerId target) {
        peer.later(() -> log.info("Released children of group '{}': {}", group, childIds));
        childIds.forEach(id -> peer.publish(new SupervisorEvent.ChildReleased(peer.now(), group, id, target)));
    }

    /** Any thread: how long nobody ran the child before this peer's present run of it; said once. */
    @Nullable
    Duration takeUnowned(String childId) {
        return unowned.remove(childId);
    }
}
