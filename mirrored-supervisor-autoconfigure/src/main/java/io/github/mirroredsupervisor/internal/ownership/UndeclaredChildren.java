package io.github.mirroredsupervisor.internal.ownership;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.reconcile.ReconcileContext;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnUndeclared;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Declared children that left the code (semantics row B33): no live member declares them, so no member will change or
 * remove them, and if no member knows their type they cannot run. Depending on the setting, they are kept and one
 * member logs how to remove them, or they are removed.
 *
 * <p>Instances that still run the former code declare such a child. An instance that is being restarted, or that was
 * declared dead and joins again, is away for a while. So a child counts only when every check of this peer has found it
 * undeclared for {@value #LEASES} leases, and the statement that removes it checks again. Confined to the work thread.
 */
public final class UndeclaredChildren {

    private static final Logger log = LoggerFactory.getLogger(UndeclaredChildren.class);

    /** For this many leases no live member must have declared a child. */
    public static final int LEASES = 10;

    private final String group;
    private final boolean remove;
    private final PeerContext peer;

    /** When each child was first found undeclared. */
    private final Map<String, Long> since = new LinkedHashMap<>();

    private final Set<String> told = new TreeSet<>();

    /** Recently removed children. One is restored if a member that joined at that moment declares it. */
    private Set<String> removed = Set.of();

    private @Nullable Long lookedAt;

    /** No undeclared children are known yet. */
    public UndeclaredChildren(GroupDefinition definition, PeerContext peer) {
        this.group = definition.settings().name();
        this.remove = definition.settings().policies().onUndeclared() == OnUndeclared.REMOVE;
        this.peer = peer;
    }

    /**
     * Called at the end of each full comparison, where it delays nothing else.
     *
     * @return how long to wait before the next full comparison at most; null for as long as there is nothing else to do
     */
    public @Nullable Duration look(WorkSession session, List<MemberRow> members) {
        long now = peer.machine().nanoTime();
        if (!isDue(now)) {
            return null;
        }
        lookedAt = now;
        if (!removed.isEmpty()) {
            removed = session.redeclare(group, removed);
        }
        Set<String> found = session.undeclared(group);
        since.keySet().retainAll(found);
        told.retainAll(found);
        found.forEach(id -> since.putIfAbsent(id, now));
        Set<String> due = new TreeSet<>();
        since.forEach((id, from) -> {
            if (now - from >= patience().toNanos()) {
                due.add(id);
            }
        });
        if (due.isEmpty()) {
            return since.isEmpty() ? null : patience();
        } else if (remove) {
            remove(session, due);
        } else if (isFirst(members)) {
            tell(due);
        }
        return null;
    }

    /** Forgets all findings: a gap in this peer's own permission proves nothing about the other members. */
    public void startAnew() {
        since.clear();
        lookedAt = null;
    }

    private void remove(WorkSession session, Set<String> due) {
        Set<String> told = session.removeUndeclared(group, due);
        since.keySet().removeAll(due);
        Set<String> watched = new TreeSet<>(removed);
        watched.addAll(told);
        removed = watched;
        if (!told.isEmpty()) {
            peer.later(() -> log.info(
                    "Children of group '{}' are removed, as no live member has declared them for {} and on-undeclared is remove: {}",
                    group,
                    patience(),
                    told));
        }
    }

    private void tell(Set<String> due) {
        Set<String> news = new TreeSet<>(due);
        news.removeAll(told);
        told.addAll(news);
        if (!news.isEmpty()) {
            peer.later(() -> log.warn(
                    "No live member declares these children of group '{}' any more, and they are kept: {}. removeChild(id) removes one that runs, deleteChild(id) one that does not;"
                            + " with mirrored-supervisor.on-undeclared=remove they are removed by themselves",
                    group,
                    news));
        }
    }

    /** Whether this peer is the live member that logs for all. */
    private boolean isFirst(List<MemberRow> members) {
        PeerId me = peer.incarnation().id();
        return ReconcileContext.rank(members, me) == 0;
    }

    private boolean isDue(long now) {
        Long last = lookedAt;
        return last == null || now - last >= patience().toNanos() / (since.isEmpty() && removed.isEmpty() ? 1 : 2);
    }

    private Duration patience() {
        return peer.settings().lease().multipliedBy(LEASES);
    }
}
