package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.platform.Mailbox;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reads the rows that hints name, and brings them to the group's loop: a hand-over waits for one change of threads less
 * than if the loop asked for them. Not more often than the pace allows. Thread-safe.
 */
final class HintReader {

    /** If hints name more children than this, everything is compared instead. */
    private static final int MOST_HINTED = 1000;

    private final String group;
    private final PeerContext peer;
    private final NotificationPace pace;
    private final Mailbox<GroupEvent> mailbox;
    private final Set<String> hinted = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean queued = new AtomicBoolean();

    HintReader(String group, PeerContext peer, NotificationPace pace, Mailbox<GroupEvent> mailbox) {
        this.group = group;
        this.peer = peer;
        this.pace = pace;
        this.mailbox = mailbox;
    }

    /** Somebody says that these children have changed; if none is named, that any may have. */
    void hinted(Set<String> childIds) {
        if (childIds.isEmpty() || hinted.size() + childIds.size() > MOST_HINTED) {
            mailbox.post(new GroupEvent.Hinted());
            return;
        }
        hinted.addAll(childIds);
        if (queued.compareAndSet(false, true)) {
            peer.work().schedule(this::read, pace.take(1));
        }
    }

    private void read(WorkSession session) {
        queued.set(false);
        Set<String> ids = Set.copyOf(hinted);
        hinted.removeAll(ids);
        GroupEvent outcome = new GroupEvent.Look(ids);
        try {
            List<ChildRow> rows = session.rows(group, ids);
            outcome = new GroupEvent.RowsRead(ids, rows);
        } finally {
            mailbox.post(outcome);
        }
    }
}
