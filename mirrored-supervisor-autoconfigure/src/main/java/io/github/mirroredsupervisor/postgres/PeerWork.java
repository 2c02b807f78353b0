package io.github.mirroredsupervisor.postgres;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.mirror.GroupRow;
import io.github.mirroredsupervisor.mirror.JoinRequest;
import io.github.mirroredsupervisor.mirror.JoinRequest.Membership;
import io.github.mirroredsupervisor.postgres.ChildCommands.Declared;
import io.github.mirroredsupervisor.postgres.HistoryTable.What;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The transactions about whole peers. */
final class PeerWork {

    private final Link link;
    private final Tables tables;
    private final Hints hints;
    private final Duration certificateLock;

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
        return link.transaction("join", jdbc -> {
            tables.peers().insert(jdbc, request);
            memberships.forEach(membership -> tables.groups().insertIfMissing(jdbc, membership.settings()));
            tables.commands().declare(jdbc, declared(memberships));
            memberships.forEach(membership -> tables.members().insert(jdbc, request.id(), membership));
            tables.history().addOfPeer(jdbc, What.JOINED, request.id(), null);
            // Only now, after the rows of children; and a statement of its own, so that the next one sees who joined
            // meanwhile.
            tables.groups().lock(jdbc, names);
            memberships.forEach(membership -> tables.groups()
                    .configureIfEmpty(jdbc, membership.settings(), request.id().value()));
            tables.groups().touch(jdbc, names, hintOf(names));
            return tables.groups().find(jdbc, names);
        });
    }

    boolean certify(PeerId me, PeerId victim, long seq) {
        return link.transaction("declare peer " + victim + " dead", jdbc -> {
            tables.peers().limitLockWait(jdbc, certificateLock);
            if (!tables.peers().lockBoth(jdbc, me, victim) || !tables.peers().certify(jdbc, victim, seq)) {
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
        List<Declared> declared = new ArrayList<>();
        for (Membership membership : memberships) {
            long order = 0;
            for (ChildSpec spec : membership.staticChildren()) {
                declared.add(new Declared(membership.settings().name(), spec, order));
                order++;
            }
        }
        return declared;
    }
}
