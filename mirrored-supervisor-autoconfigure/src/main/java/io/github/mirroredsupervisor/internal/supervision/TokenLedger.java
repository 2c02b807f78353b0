package io.github.mirroredsupervisor.internal.supervision;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The fencing tokens that are used up in this process, by child; they are recorded nowhere else (protocol rules 7 and
 * 8). A token is burnt when it is given to the supervisor or when its hand-over is sent, and used when a run is queued
 * with it; neither happens twice. Thread-safe.
 *
 * <p>The memory is bounded. For the least recently accessed children only their greatest token is kept. Their next
 * token must exceed it, so they may need a raised token where a fresh one would have been enough. No token is used
 * twice.
 */
public final class TokenLedger {

    /** More children than one process ever runs. */
    static final int MOST = 65_536;

    private final int most;

    /** In the order of the last access. */
    private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    /** Every child counts as burnt up to this token, including the children without an entry. */
    private long floor;

    /** An empty ledger. */
    public TokenLedger() {
        this(MOST);
    }

    TokenLedger(int most) {
        this.most = most;
    }

    /** The greatest token that counts as burnt for the child. */
    public synchronized long burnt(String childId) {
        Entry entry = entries.get(childId);
        return entry == null ? floor : Math.max(entry.burnt, floor);
    }

    /** Whether a greater token than this one was burnt here for this very child. */
    public synchronized boolean isOvertaken(String childId, long token) {
        Entry entry = entries.get(childId);
        return entry != null && token < entry.burnt;
    }

    /** From now on no launch of any child may be given this token or a lower one. */
    public synchronized void burnUpTo(long token) {
        floor = Math.max(floor, token);
    }

    /** From now on no launch of this child may be given this token or a lower one. */
    public synchronized void burn(String childId, long token) {
        Entry entry = entry(childId);
        entry.burnt = Math.max(entry.burnt, token);
    }

    /** Whether a run may be queued with the token. If so, the token is used up by this call. */
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

    /** Removes all entries. For every child, all tokens up to the greatest one burnt here stay used up. */
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
