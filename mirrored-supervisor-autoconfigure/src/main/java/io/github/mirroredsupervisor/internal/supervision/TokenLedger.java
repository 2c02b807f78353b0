package io.github.mirroredsupervisor.internal.supervision;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The fencing tokens that are used up in this process, by child: the only memory of them (protocol rules 7 and 8). A
 * token is burnt when it is given to the supervisor or when its hand-over is sent, and used when a run is queued with
 * it; neither happens twice. Thread-safe.
 *
 * <p>The memory is bounded. Of the children that were looked at longest ago only the greatest token is kept. Their next
 * token has to exceed that one, so they may need a raised token where a fresh one would have done; no token is used
 * twice.
 */
public final class TokenLedger {

    /** More children than one process runs. */
    static final int MOST = 65_536;

    private final int most;

    /** In the order of the last access. */
    private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    /** The greatest token of the children that are not remembered one by one, or that all are burnt up to. */
    private long floor;

    /** That remembers nothing yet. */
    public TokenLedger() {
        this(MOST);
    }

    TokenLedger(int most) {
        this.most = most;
    }

    /** The greatest token of the child that was burnt here, or of all forgotten children if this one is among them. */
    public synchronized long burnt(String childId) {
        Entry entry = entries.get(childId);
        return entry == null ? floor : Math.max(entry.burnt, floor);
    }

    /** Whether a token as low as this one was overtaken here for this very child. */
    public synchronized boolean isOvertaken(String childId, long token) {
        Entry entry = entries.get(childId);
        return entry != null && token < entry.burnt;
    }

    /** From now on no launch of any child may be given this token or a lower one. */
    public synchronized void burnUpTo(long token) {
        floor = Math.max(floor, token);
    }

    /** From now on no launch may be given this token or a lower one. */
    public synchronized void burn(String childId, long token) {
        Entry entry = entry(childId);
        entry.burnt = Math.max(entry.burnt, token);
    }

    /** Whether a run may be queued with the token. If so, none ever may again. */
    synchronized boolean use(String childId, long token) {
        boolean forgotten = !entries.containsKey(childId);
        Entry entry = entry(childId);
        if (token <= entry.used || (forgotten && token <= floor)) {
            return false;
        }
        entry.used = token;
        entry.burnt = Math.max(entry.burnt, token);
        return true;
    }

    /** Every token up to the greatest that was burnt here is used up, whatever the child. */
    public synchronized void forgetChildren() {
        entries.values().forEach(entry -> floor = Math.max(floor, entry.burnt));
        entries.clear();
    }

    private Entry entry(String childId) {
        Entry entry = entries.get(childId);
        if (entry == null) {
            entry = new Entry();
            entries.put(childId, entry);
            if (entries.size() > most) {
                Map.Entry<String, Entry> eldest = entries.entrySet().iterator().next();
                floor = Math.max(floor, eldest.getValue().burnt);
                entries.remove(eldest.getKey());
            }
        }
        return entry;
    }

    private static final class Entry {
        private long burnt;
        private long used;
    }
}
