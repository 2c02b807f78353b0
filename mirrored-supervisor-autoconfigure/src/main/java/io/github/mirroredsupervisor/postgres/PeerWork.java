package io.github.mirroredsupervisor.postgres;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.mirror.GroupPolicies.OnEmptyGroup;
import io.github.mirroredsupervisor.mirror.GroupRow;
import io.github.mirroredsupervisor.mirror.GroupSettings;
import io.github.mirroredsupervisor.mirror.JoinRequest;
import io.github.mirroredsupervisor.mirror.JoinRequest.Membership;
import io.github.mirroredsupervisor.postgres.ChildCommands.Declared;
import io.github.mirroredsupervisor.postgres.HistoryTable.Entry;
import io.github.mirroredsupervisor.postgres.HistoryTable.What;
import io.github.mirroredsupervisor.postgres.Sequences.Floor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The transactions about whole peers. */
final class PeerWork {

    private static final Logger logger = LoggerFactory.getLogger(PeerWork.class);

    private final Link link;
    private final Tables tables;
    private final Hints hints;
    private final Duration certificateLock;
    private boolean warnedOfSequences;

    PeerWork(Link link, Tables tables, Hints hints, Bounds bounds) {
        this.link = link;
        this.tables = tables;
        this.hints = hints;
        this.certificateLock = bounds.certificateLock();
    }

    List<GroupRow> join(JoinRequest request) {
        List<Membership> memberships = request.memberships().stream()
                .sorted(Comparator.comparing(membership -> membership.settings().name()))
                .toList();
        List<String> names = memberships.stream()
                .map(membership -> membership.settings().name())
                .toList();
        raiseTokens(request.tokensAbove());
        return link.transaction("join", jdbc -> {
            tables.peers().insert(jdbc, request);
            memberships.forEach(membership -> tables.groups().insertIfMissing(jdbc, membership.settings()));
            tables.commands().forgetRemoved(jdbc, declared(memberships));
            tables.commands().declare(jdbc, declared(memberships));
            memberships.forEach(membership -> tables.members().insert(jdbc, request.id(), membership));
            tables.history().addOfPeer(jdbc, What.JOINED, request.id(), null);
            // Only now, after the rows of children; and a statement of its own, so that the next one sees who joined
            // meanwhile.
            tables.groups().lock(jdbc, names);
            memberships.forEach(membership -> foundIfEmpty(jdbc, request.id(), membership));
            tables.groups().touch(jdbc, names, hintOf(names));
            return tables.groups().find(jdbc, names);
        });
    }

    /** The first member's flags count, and it may begin anew (semantics rows B7, B11). The group's row is locked. */
    private void foundIfEmpty(JdbcClient jdbc, PeerId joining, Membership membership) {
        GroupSettings settings = membership.settings();
        if (tables.groups().hasMembers(jdbc, settings.name(), joining.value())) {
            return;
        }
        tables.groups().configure(jdbc, settings);
        if (settings.policies().onEmptyGroup() == OnEmptyGroup.RESET) {
            List<String> deleted = tables.commands().deleteAll(jdbc, settings.name());
            tables.commands().declare(jdbc, declared(List.of(membership)));
            if (!deleted.isEmpty()) {
                List<Entry> entries =
                        deleted.stream().map(id -> new Entry(id, null, null)).toList();
                tables.history()
                        .add(jdbc, What.DELETED, settings.name(), entries, joining, "first member of the group");
                logger.warn(
                        "Group '{}' had no live member: its {} children were deleted, as on-empty-group is reset",
                        settings.name(),
                        deleted.size());
            }
        }
    }

    /** In a transaction of its own, as a sequence is not rolled back anyway. Returns the last token after it. */
    long raiseTokens(long above) {
        Floor present =
                link.call("compare the tokens", jdbc -> tables.sequences().floor(jdbc, above));
        if (present.isReached()) {
            return present.last();
        }
        try {
            return raiseTokens(above, true);
        } catch (StoreUnavailableException e) {
            if (!SqlStates.isLockTimeout(e)) {
                throw e;
            }
            logger.debug("Another session keeps the lock for raising tokens; this one raises them without", e);
            return raiseTokens(above, false);
        }
    }

    private long raiseTokens(long above, boolean alone) {
        return link.transaction("raise the tokens", jdbc -> {
            if (!tables.sequences().mayRaise(jdbc)) {
                warnOfSequences();
                return tables.sequences().lastToken(jdbc);
            }
            if (alone) {
                tables.peers().limitLockWait(jdbc, certificateLock);
                tables.sequences().lock(jdbc);
            }
            Floor floor = tables.sequences().floor(jdbc, above);
            if (!floor.isReached()) {
                tables.sequences().raise(jdbc, floor);
            }
            return tables.sequences().lastToken(jdbc);
        });
    }

    private void warnOfSequences() {
        if (!warnedOfSequences) {
            warnedOfSequences = true;
            logger.warn(
                    "This database user may not raise the sequences of schema mirrored_supervisor, so that fencing tokens may repeat after a restore."
                            + " Let the owner run: GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA mirrored_supervisor TO <user>");
        }
    }

    boolean certify(PeerId me, PeerId victim, long seq) {
        return link.transaction("declare peer " + victim + " dead", jdbc -> {
            tables.peers().limitLockWait(jdbc, certificateLock);
            if (!tables.peers().lockBoth(jdbc, me, victim) || !tables.peers().certify(jdbc, me, victim, seq)) {
                return false;
            }
            tables.history().addOfPeer(jdbc, What.DIED, victim, me);
            touchGroupsOf(jdbc, victim);
            return true;
        });
    }

    void leaving(PeerId me) {
        link.call("announce the leave", jdbc -> tables.peers().leaving(jdbc, me));
    }

    void leave(PeerId me) {
        link.transaction("leave", jdbc -> {
            boolean left = tables.peers().leave(jdbc, me);
            if (left) {
                List<String> groups = tables.members().groupsOf(jdbc, me);
                tables.history().addOfPeer(jdbc, What.LEFT, me, null);
                tables.members().delete(jdbc, me);
                tables.groups().touchQuietly(jdbc, groups); // each hand-over before it had a hint of its own
            }
            return left;
        });
    }

    void cordon(PeerId peer, boolean cordoned) {
        link.transaction(cordoned ? "cordon a peer" : "uncordon a peer", jdbc -> {
            boolean changed = tables.peers().cordon(jdbc, peer, cordoned);
            if (changed) {
                touchGroupsOf(jdbc, peer);
            }
            return changed;
        });
    }

    private void touchGroupsOf(JdbcClient jdbc, PeerId peer) {
        List<String> groups = tables.members().groupsOf(jdbc, peer);
        tables.groups().touch(jdbc, groups, hintOf(groups));
    }

    private String hintOf(List<String> groups) {
        return groups.size() == 1 ? hints.of(groups.get(0)) : hints.everything();
    }

    private static List<Declared> declared(List<Membership> memberships) {
        return memberships.stream()
                .flatMap(one -> declared(one.settings().name(), one.staticChildren()).stream())
                .toList();
    }

    /** In start order. */
    static List<Declared> declared(String group, List<ChildSpec> children) {
        List<Declared> declared = new ArrayList<>();
        for (ChildSpec spec : children) {
            declared.add(new Declared(group, spec, declared.size()));
        }
        return declared;
    }
}
