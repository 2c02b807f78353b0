package io.github.mirroredsupervisor.internal.ownership;

import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.lease.Incarnation;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Claim;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileAction.Start;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import io.github.mirroredsupervisor.internal.supervision.TokenLedger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a member gets tokens: for orphans by claiming them, for its own children by raising the token (protocol rules 5
 * and 7). One statement covers all children with the same cause. Confined to the group's loop, except where a method
 * says otherwise.
 */
public final class OwnershipClaims {

    private static final Logger log = LoggerFactory.getLogger(OwnershipClaims.class);

    private final String group;
    private final Map<String, ChildSpec> declared;
    private final PeerContext peer;
    private final TokenLedger tokens;
    private final Map<String, Duration> unowned = new HashMap<>();
    private final Map<StartCause, List<String>> adopted = new EnumMap<>(StartCause.class);

    public OwnershipClaims(GroupDefinition definition, PeerContext peer, TokenLedger tokens) {
        this.tokens = tokens;
        this.group = definition.settings().name();
        this.declared = definition.staticChildren().stream().collect(Collectors.toMap(ChildSpec::id, spec -> spec));
        this.peer = peer;
    }

    /**
     * This member's own definition of a static child, which applies from the next grant on (semantics row A16); null if
     * the row's own one applies.
     */
    public @Nullable ChildSpec definition(ChildRow row) {
        return row.isStatic() ? declared.get(row.id()) : null;
    }

    private ChildRow defined(ChildRow row) {
        ChildSpec definition = definition(row);
        return definition == null ? row : row.definedAs(definition);
    }

    /** Any thread: this peer's declaration of a child; null if it has none. */
    public @Nullable ChildSpec declaration(String childId) {
        return declared.get(childId);
    }

    /** The store command for these claims. */
    public Request request(List<Claim> claims) {
        Map<StartCause, List<OwnedToken>> byCause = new EnumMap<>(StartCause.class);
        claims.forEach(claim -> byCause.computeIfAbsent(claim.cause(), cause -> new ArrayList<>())
                .add(expected(claim.row()).withCrashes(claim.crashes())));
        return new Request(
                group,
                peer.incarnation().id(),
                byCause,
                redefined(claims.stream().map(Claim::row).toList()));
    }

    /** Protocol rules 5 and 7: claims of orphans and new tokens for own children, one statement for each cause. */
    public record Request(
            String group, PeerId me, Map<StartCause, List<OwnedToken>> expected, Map<String, ChildSpec> redefined) {

        /**
         * On the work thread.
         *
         * @return the new tokens by child. A child is missing if another peer owns it by now, or if its row is locked
         *     or the change was refused
         */
        public Map<String, Long> send(WorkSession session) {
            Map<String, Long> tokens = new HashMap<>();
            expected.forEach((cause, some) -> tokens.putAll(session.grant(group, me, some, cause, redefined)));
            return tokens;
        }
    }

    /** The claims that succeeded, with the rows as they are now. */
    public List<Claim> granted(List<Claim> claims, Map<String, Long> tokens) {
        List<Claim> granted = new ArrayList<>();
        for (Claim claim : claims) {
            ChildRow row = claim.row();
            Long token = tokens.get(row.id());
            if (token != null) {
                adopted(row, token, claim.cause());
                granted.add(new Claim(granted(row, token), claim.cause()));
            }
        }
        return granted;
    }

    /**
     * Protocol rule 10: takes children whose owner's session is gone, in one go, as their users wait. On the work
     * thread.
     *
     * @param takeable a pure decision about a row
     */
    public Takeover takeOver(WorkSession session, SessionLock lost, Predicate<ChildRow> takeable) {
        List<ChildRow> rows = session.immediate(group, lost.peer()).stream()
                .map(this::defined)
                .filter(takeable)
                .toList();
        PeerId me = peer.incarnation().id();
        return new Takeover(
                rows, rows.isEmpty() ? Map.of() : session.takeOver(group, me, owned(rows), lost, redefined(rows)));
    }

    /** The rows as they were read, and the new tokens of those that still were so. */
    public record Takeover(List<ChildRow> rows, Map<String, Long> tokens) {}

    /** The children that were taken over, with the rows as they are now. */
    public List<Claim> takenOver(Takeover taken, SessionLock lost, long releasedAt) {
        List<Claim> granted = new ArrayList<>();
        for (ChildRow row : taken.rows()) {
            Long token = taken.tokens().get(row.id());
            if (token != null) {
                Duration gap = Duration.ofNanos(peer.machine().nanoTime() - releasedAt);
                announce(row, token, StartCause.TAKEN_OVER, lost.peer(), gap);
                granted.add(new Claim(granted(row, token), StartCause.TAKEN_OVER));
            }
        }
        return granted;
    }

    private List<OwnedToken> owned(List<ChildRow> rows) {
        return rows.stream().map(this::expected).toList();
    }

    public OwnedToken expected(ChildRow row) {
        return OwnedToken.of(row, above(row));
    }

    /**
     * Protocol rule 11b: the greatest token that this process has seen exceeds the row's token if the database has lost
     * some.
     */
    private long above(ChildRow row) {
        return Math.max(peer.highestToken().get(), tokens.burnt(row.id()));
    }

    private Map<String, ChildSpec> redefined(List<ChildRow> rows) {
        return rows.stream()
                .filter(r -> r.isStatic() && declared.containsKey(r.id()))
                .collect(Collectors.toMap(ChildRow::id, r -> Objects.requireNonNull(declared.get(r.id()))));
    }

    ChildRow granted(ChildRow row, long token) {
        peer.highestToken().heardOf(token);
        Incarnation me = peer.incarnation();
        return row.grantedTo(me.id(), me.ref(), token);
    }

    private void adopted(ChildRow row, long token, StartCause cause) {
        boolean handedHere = peer.incarnation().id().equals(row.owner()); // announced when it is started
        if (cause == StartCause.FAILED_OVER || (cause == StartCause.HANDED_OVER && !handedHere)) {
            Duration gap = row.owner() == null ? row.inPhase() : peer.sinceLastSeen(row.owner());
            announce(row, token, cause, row.owner(), gap);
        }
    }

    /** Announces a child that its former owner handed to this peer directly. */
    public void handedOver(Start start) {
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
     * Logs all children adopted since the last call, one line for each cause. Their starts need not wait for the log.
     */
    public void tellOfAdopted() {
        adopted.forEach((cause, ids) ->
                peer.later(() -> log.info("Adopted children of group '{}' ({}): {}", group, cause, ids)));
        adopted.clear();
    }

    /** Announces children that now have no owner, or belong to the target. */
    public void tellOfReleased(Set<String> childIds, @Nullable PeerId target) {
        peer.later(() -> log.info("Released children of group '{}': {}", group, childIds));
        childIds.forEach(id -> peer.publish(new SupervisorEvent.ChildReleased(peer.now(), group, id, target)));
    }

    /** How long no peer ran the child before its present run here; returned once. */
    public @Nullable Duration takeUnowned(String childId) {
        return unowned.remove(childId);
    }
}
