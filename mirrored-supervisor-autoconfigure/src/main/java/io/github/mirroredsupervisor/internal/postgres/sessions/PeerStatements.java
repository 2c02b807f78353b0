package io.github.mirroredsupervisor.internal.postgres.sessions;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.internal.postgres.announcements.ChangeAnnouncer;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable.Entry;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable.Event;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable.What;
import io.github.mirroredsupervisor.internal.postgres.children.ChildCommands.Declared;
import io.github.mirroredsupervisor.internal.postgres.connection.PrivateConnection;
import io.github.mirroredsupervisor.internal.postgres.connection.RefusalAdvice;
import io.github.mirroredsupervisor.internal.postgres.connection.RefusedRows;
import io.github.mirroredsupervisor.internal.postgres.connection.RefusedRows.Kind;
import io.github.mirroredsupervisor.internal.postgres.connection.Timeouts;
import io.github.mirroredsupervisor.internal.postgres.server.SqlStates;
import io.github.mirroredsupervisor.internal.postgres.server.SqlStates.Answer;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnEmptyGroup;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Flags;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest.Membership;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The transactions about whole peers. */
final class PeerStatements {

    private static final Logger logger = LoggerFactory.getLogger(PeerStatements.class);

    /** The pause between two attempts to lock the row of a group. */
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(5);

    private final PrivateConnection link;
    private final Tables tables;
    private final ChangeAnnouncer announcer;
    private final Timeouts bounds;
    private final RefusedRows refused;
    private final TokenStatements tokens;

    PeerStatements(
            PrivateConnection link,
            Tables tables,
            ChangeAnnouncer announcer,
            Timeouts bounds,
            RefusedRows refused,
            TokenStatements tokens) {
        this.tokens = tokens;
        this.refused = refused;
        this.link = link;
        this.tables = tables;
        this.announcer = announcer;
        this.bounds = bounds;
    }

    List<GroupRow> join(JoinRequest request) {
        List<Membership> memberships = request.memberships().stream()
                .sorted(Comparator.comparing(membership -> membership.settings().name()))
                .toList();
        List<String> names = memberships.stream()
                .map(membership -> membership.settings().name())
                .toList();
        tokens.raise(request.tokensAbove());
        List<Event> events = new ArrayList<>();
        // Before the transaction, so that no other joining peer waits for its end.
        link.call("write the groups", jdbc -> writeMissing(jdbc, memberships));
        List<GroupRow> rows = join(request, memberships, names, events);
        announcer.changed(names, events);
        return rows;
    }

    /** A refusal may concern a single declared child, and is no reason to refuse the peer. */
    private List<GroupRow> join(
            JoinRequest request, List<Membership> memberships, List<String> names, List<Event> events) {
        try {
            return link.optionalTransaction("join", joining(request, memberships, names, events, false));
        } catch (StoreRefusedException e) {
            logger.debug("Joins once more, with each declared child by itself where it is refused", e);
            return link.transaction("join", joining(request, memberships, names, events, true));
        }
    }

    private PrivateConnection.Work<JdbcClient, List<GroupRow>> joining(
            JoinRequest request, List<Membership> memberships, List<String> names, List<Event> events, boolean apart) {
        return jdbc -> {
            events.clear();
            tables.peers().insert(jdbc, request);
            List<Declared> brought = new ArrayList<>();
            for (Membership membership : memberships) {
                events.add(joined(membership, request.id()));
                brought.addAll(bring(jdbc, membership, request.id(), events, apart));
            }
            // Last, as other sessions wait for a new row until it is committed.
            if (apart) {
                names.forEach(group -> declareApart(jdbc, group, brought));
            } else {
                tables.commands().declareAgain(jdbc, brought);
            }
            return tables.groups().find(jdbc, names);
        };
    }

    /**
     * Refused children are declared later, like any declared child without a row. A missing right or table is thrown,
     * as it concerns more than single rows.
     */
    private void declareApart(JdbcClient jdbc, String group, List<Declared> brought) {
        List<Declared> own =
                brought.stream().filter(child -> child.group().equals(group)).toList();
        Set<String> left = refused.change(
                        declaring(group),
                        own,
                        PeerStatements::childId,
                        some -> within(
                                jdbc,
                                "declare children of group " + group,
                                () -> tables.commands().declareAgain(jdbc, some)))
                .refused();
        if (!own.isEmpty() && left.size() == own.size()) {
            refused.refusal(declaring(group), childId(own.get(0)))
                    .filter(refusal -> SqlStates.isAboutAccess(refusal))
                    .ifPresent(refusal -> {
                        throw refusal;
                    });
        }
    }

    static Kind declaring(String group) {
        return new Kind("declare", group);
    }

    static String childId(Declared child) {
        return child.spec().id();
    }

    /** A part of a transaction that may be refused without ending the transaction. */
    private static <T> T within(JdbcClient jdbc, String task, Supplier<T> part) {
        jdbc.sql("savepoint part").update();
        try {
            T result = part.get();
            jdbc.sql("release savepoint part").update();
            return result;
        } catch (RuntimeException e) {
            if (SqlStates.answer(e) != Answer.REFUSAL) {
                throw e;
            }
            jdbc.sql("rollback to savepoint part").update();
            String state = SqlStates.stateOf(e);
            String advice = RefusalAdvice.of(state);
            String message = "Refused to " + task + ": " + SqlStates.describe(e);
            throw new StoreRefusedException(advice.isEmpty() ? message : message + ". " + advice, state, e);
        }
    }

    /** A part whose refusal does not keep the peer from joining. */
    private static void leniently(JdbcClient jdbc, String task, Runnable part) {
        try {
            within(jdbc, task, () -> {
                part.run();
                return true;
            });
        } catch (StoreRefusedException e) {
            logger.warn("{} They stay as they are", e.getMessage());
        }
    }

    /** Usually all rows exist, and then the table is not written to. Returns whether one was missing. */
    private boolean writeMissing(JdbcClient jdbc, List<Membership> memberships) {
        List<String> names = memberships.stream()
                .map(membership -> membership.settings().name())
                .toList();
        Set<String> known = tables.groups().revisions(jdbc, names).keySet();
        memberships.stream()
                .map(Membership::settings)
                .filter(settings -> !known.contains(settings.name()))
                .forEach(settings -> tables.groups().insertIfMissing(jdbc, settings.name(), Flags.of(settings)));
        return !known.containsAll(names);
    }

    private static Event joined(Membership membership, PeerId joining) {
        return Event.now(What.JOINED, membership.settings().name(), List.of(Entry.of(joining)), null, null);
    }

    /** Starts a new life of the group if it has no live member. Returns the children that this member has to write. */
    private List<Declared> bring(
            JdbcClient jdbc, Membership membership, PeerId joining, List<Event> events, boolean apart)
            throws SQLException {
        String group = membership.settings().name();
        Place place = place(jdbc, membership, joining, apart);
        if (place == Place.BESIDE_OTHERS) {
            return returning(group, membership.staticChildren());
        }
        if (place == Place.FIRST) {
            found(jdbc, membership, joining, apart).ifPresent(events::add);
        }
        renew(jdbc, membership, joining, apart);
        return declared(group, membership.staticChildren());
    }

    /**
     * Whether the group has no live member. Only then its row is locked, and the check is repeated under the lock: of
     * several peers that join an empty group one founds it, and the others see that one as soon as it is committed. If
     * there are live members, the joining peer does not wait for the row.
     */
    private Place place(JdbcClient jdbc, Membership membership, PeerId joining, boolean apart) throws SQLException {
        GroupSettings settings = membership.settings();
        long start = System.nanoTime();
        while (!tables.groups().hasMembers(jdbc, settings.name(), joining.value())) {
            if (tables.groups().lock(jdbc, settings.name())) {
                return isAlone(jdbc, settings, joining, apart) ? Place.FIRST : Place.BESIDE_OTHERS;
            }
            Duration waited = Duration.ofNanos(System.nanoTime() - start);
            if (waited.compareTo(bounds.groupLock()) >= 0 && isAsFounded(jdbc, settings)) {
                return Place.FIRST_WITHOUT_LOCK;
            }
            if (waited.compareTo(bounds.lockWait()) >= 0) {
                throw new SQLException(
                        "group '" + settings.name()
                                + "' has no live member, so its row is to be changed, and another session"
                                + " keeps that row locked",
                        SqlStates.LOCK_NOT_AVAILABLE);
            }
            LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
        }
        return Place.BESIDE_OTHERS;
    }

    /** The first member's flags count (semantics row B7). The group's row is locked. */
    private boolean isAlone(JdbcClient jdbc, GroupSettings settings, PeerId joining, boolean apart) {
        Flags flags = Flags.of(settings);
        if (!apart) {
            return tables.groups().configureIfAlone(jdbc, settings.name(), flags, joining.value());
        }
        boolean alone = !tables.groups().hasMembers(jdbc, settings.name(), joining.value());
        if (alone) {
            leniently(
                    jdbc,
                    "change the settings of group " + settings.name(),
                    () -> tables.groups().configure(jdbc, settings.name(), flags));
        }
        return alone;
    }

    /** Whether nothing would be changed in the group's row, so that the lock is not needed. */
    private boolean isAsFounded(JdbcClient jdbc, GroupSettings settings) {
        return settings.policies().onEmptyGroup() != OnEmptyGroup.RESET
                && tables.groups()
                        .find(jdbc, settings.name())
                        .filter(row -> row.flags().equals(Flags.of(settings)))
                        .isPresent();
    }

    /** The first member may reset the group (semantics row B11). The group's row is locked. */
    private Optional<Event> found(JdbcClient jdbc, Membership membership, PeerId joining, boolean apart) {
        GroupSettings settings = membership.settings();
        if (settings.policies().onEmptyGroup() != OnEmptyGroup.RESET) {
            return Optional.empty();
        }
        List<String> deleted = apart
                ? former(
                        jdbc,
                        settings.name(),
                        "delete",
                        tables.commands().ids(jdbc, settings.name()),
                        some -> tables.commands().deleteAll(jdbc, settings.name(), some, joining))
                : tables.commands().deleteAll(jdbc, settings.name(), null, joining);
        if (deleted.isEmpty()) {
            return Optional.empty();
        }
        logger.warn(
                "Group '{}' had no live member: its {} children are deleted, as on-empty-group is reset",
                settings.name(),
                deleted.size());
        return Optional.of(Event.now(
                What.DELETED, settings.name(), Entry.ofChildren(deleted), joining, "first member of the group"));
    }

    /** Resets completed children to their state before they ran. */
    private void renew(JdbcClient jdbc, Membership membership, PeerId joining, boolean apart) {
        String group = membership.settings().name();
        List<String> declared =
                membership.staticChildren().stream().map(ChildSpec::id).toList();
        if (!apart) {
            tables.commands().beginAnew(jdbc, group, declared, joining);
            return;
        }
        former(jdbc, group, "delete", tables.commands().ids(jdbc, group), some -> {
            tables.commands().forgetTemporary(jdbc, group, some, joining);
            return List.of();
        });
        former(jdbc, group, "renew", declared, some -> {
            tables.commands().renew(jdbc, group, some, joining);
            return List.of();
        });
    }

    /** Changes the children that a group had in its last life. */
    private List<String> former(
            JdbcClient jdbc, String group, String task, List<String> ids, RefusedRows.Change<String, String> change) {
        Kind kind = new Kind(task, group, "these stay as they are");
        return refused.change(
                        kind,
                        ids,
                        id -> id,
                        some -> within(jdbc, task + " former children of group " + group, () -> change.of(some)))
                .changed();
    }

    /**
     * Protocol rule 4: the transaction contains nothing but the certificate, as it blocks this peer's own renewal while
     * it lasts.
     */
    boolean certify(PeerId me, PeerId victim, Heartbeat last) {
        boolean certified = link.transaction("declare peer " + victim + " dead", jdbc -> {
            tables.peers().limitLockWait(jdbc, bounds.certificateLock());
            return tables.peers().lockBoth(jdbc, me, victim) && tables.peers().certify(jdbc, me, victim, last);
        });
        if (certified) {
            announcer.died(victim, me);
        }
        return certified;
    }

    void leaving(PeerId me) {
        announcer.prepare();
        link.call("announce the leave", jdbc -> tables.peers().leaving(jdbc, me));
    }

    void leave(PeerId me) {
        List<String> groups = link.transaction("leave", jdbc -> {
            if (!tables.peers().leave(jdbc, me)) {
                return List.of();
            }
            List<String> left = tables.members().groupsOf(jdbc, me);
            tables.members().delete(jdbc, me);
            return left;
        });
        List<Event> events = groups.stream()
                .map(group -> Event.now(What.LEFT, group, List.of(Entry.of(me)), null, null))
                .toList();
        announcer.changed(groups, List.of(), events); // each hand-over before had its own hint
    }

    void cordon(PeerId peer, boolean cordoned) {
        List<String> groups = link.transaction(
                cordoned ? "cordon a peer" : "uncordon a peer",
                jdbc -> tables.peers().cordon(jdbc, peer, cordoned)
                        ? tables.members().groupsOf(jdbc, peer)
                        : List.of());
        if (!groups.isEmpty()) {
            announcer.changed(groups, List.of());
        }
    }

    /**
     * The children that may be written again during the life of the group. A temporary child runs once in it, so only
     * the first member of that life writes it.
     */
    static List<Declared> returning(String group, List<ChildSpec> children) {
        return declared(group, children).stream()
                .filter(child -> child.spec().restart() != RestartType.TEMPORARY)
                .toList();
    }

    /** The children in start order. */
    private static List<Declared> declared(String group, List<ChildSpec> children) {
        List<Declared> declared = new ArrayList<>();
        for (ChildSpec spec : children) {
            declared.add(new Declared(group, spec, declared.size()));
        }
        return declared;
    }

    /** The state of a group when a member joins it. */
    private enum Place {
        BESIDE_OTHERS,
        FIRST,
        /** Another session keeps the group's row locked, but nothing in the row has to be changed. */
        FIRST_WITHOUT_LOCK
    }
}
