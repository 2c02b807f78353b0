package io.github.mirroredsupervisor.internal.lease;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import io.github.mirroredsupervisor.internal.store.rows.Renewal.GroupBeat;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Remembers values that the database only ever increases. A lower value shows that the database lost changes (protocol
 * rule 11b): by a restore, by the promotion of a lagging replica, or by manual deletion or replacement of rows. Used by
 * the renew thread.
 */
final class Recollection {

    private final Map<String, Long> revisions = new HashMap<>();
    private @Nullable PeerId me;
    private long seq;
    private long joinOrder;

    /**
     * Compares a reply with the earlier ones, and remembers it. Returns a description of the contradiction; null if
     * there is none.
     */
    @Nullable
    String contradiction(PeerId self, Renewal renewal) {
        if (!self.equals(me)) {
            me = self;
            seq = 0;
            joinOrder = renewal.joinOrder();
        }
        String found = find(renewal);
        renewal.groups().forEach((name, beat) -> {
            if (beat.revision() != GroupBeat.NO_ROW) {
                revisions.put(name, beat.revision());
            }
        });
        seq = renewal.seq();
        joinOrder = renewal.joinOrder();
        return found;
    }

    private @Nullable String find(Renewal renewal) {
        if (renewal.isUnknown()) {
            return "the row of this peer is gone";
        }
        if (!renewal.renewed()) {
            return null; // declared dead, which is no contradiction
        }
        if (renewal.seq() <= seq) {
            return "the renewal counter of this peer is " + renewal.seq() + " and was " + seq;
        }
        if (renewal.joinOrder() != joinOrder) {
            return "the join order of this peer is " + renewal.joinOrder() + " and was " + joinOrder;
        }
        for (Map.Entry<String, GroupBeat> group : renewal.groups().entrySet()) {
            long before = revisions.getOrDefault(group.getKey(), Long.MIN_VALUE);
            long now = group.getValue().revision();
            if (now < before && now != GroupBeat.NO_ROW) { // a deleted row is rewritten with a greater revision
                return "the revision of group '" + group.getKey() + "' is " + now + " and was " + before;
            }
        }
        return null;
    }
}
