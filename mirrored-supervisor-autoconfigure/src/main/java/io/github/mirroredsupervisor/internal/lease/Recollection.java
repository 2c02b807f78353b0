package io.github.mirroredsupervisor.internal.lease;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.store.Renewal;
import io.github.mirroredsupervisor.internal.store.Renewal.GroupBeat;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the database has told this peer and can only take back if its time goes back (protocol rule 11b): by a restore,
 * by the promotion of a replica that lagged behind, by a hand that deleted or replaced rows. Used by the thread that
 * renews.
 */
final class Recollection {

    private final Map<String, Long> revisions = new HashMap<>();
    private @Nullable PeerId me;
    private long seq;
    private long joinOrder;

    /**
     * Compares a reply with the earlier ones, and remembers it. Says what contradicts them, for people; null if nothing
     * does.
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
            return null; // declared dead, and not by a database that forgot something
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
            if (now < before && now != GroupBeat.NO_ROW) { // a row that a hand deleted is written again above it
                return "the revision of group '" + group.getKey() + "' is " + now + " and was " + before;
            }
        }
        return null;
    }
}
