package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.internal.store.NotificationSession.Hint;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The loops of all groups of this peer; none before it has joined. Thread-safe. */
public final class Groups {

    private volatile Map<String, GroupLoop> byName = Map.of();

    /** This peer has joined these groups. */
    public void add(List<GroupLoop> loops) {
        Map<String, GroupLoop> joined = new LinkedHashMap<>();
        loops.forEach(loop -> joined.put(loop.group(), loop));
        byName = Collections.unmodifiableMap(joined);
    }

    /** In the order of their definition. */
    public Collection<GroupLoop> all() {
        return byName.values();
    }

    /** See {@link GroupLoop#lookAtAll}. */
    public void lookAtAll() {
        all().forEach(GroupLoop::lookAtAll);
    }

    /** See {@link GroupLoop#revoke}. */
    public void revoke(boolean sparingContinue) {
        all().forEach(group -> group.revoke(sparingContinue));
    }

    /** See {@link GroupLoop#burnUpTo}. */
    public void burnUpTo(long token) {
        all().forEach(group -> group.burnUpTo(token));
    }

    /** Passes a hint on to the group that it is about, or to all if it names none. */
    public void hinted(Hint hint) {
        for (GroupLoop group : all()) {
            if (hint.group() == null || hint.group().equals(group.group())) {
                group.hinted(hint);
            }
        }
    }
}
