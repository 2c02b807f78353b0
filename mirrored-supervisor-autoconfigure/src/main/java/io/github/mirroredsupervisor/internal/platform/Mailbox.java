package io.github.mirroredsupervisor.internal.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** The events that other threads have for one loop, in the order in which they were posted. Thread-safe. */
public final class Mailbox<E> {

    private final Queue<E> events = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Loop loop;

    /** From now on each event wakes this loop. */
    public void wakes(Loop reader) {
        loop = reader;
    }

    public void post(E event) {
        events.add(event);
        Loop reader = loop;
        if (reader != null) {
            reader.wake();
        }
    }

    /** Removes and returns the events that are there now. */
    public List<E> takeAll() {
        List<E> taken = new ArrayList<>();
        for (E next = events.poll(); next != null; next = events.poll()) {
            taken.add(next);
        }
        return taken;
    }
}
