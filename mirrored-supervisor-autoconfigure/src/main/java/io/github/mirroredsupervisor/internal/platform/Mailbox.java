package io.github.mirroredsupervisor.internal.platform;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The events that other threads have for one loop, in the order in which they were posted. Thread-safe. */
public final class Mailbox<E> {

    private final AtomicLong numbers;
    private final Queue<Letter<E>> letters = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Loop loop;

    public Mailbox() {
        this(new AtomicLong());
    }

    private Mailbox(AtomicLong numbers) {
        this.numbers = numbers;
    }

    /** Another mailbox of the same loop, for events that somebody else knows. They are numbered together. */
    public <F> Mailbox<F> beside() {
        return new Mailbox<>(numbers);
    }

    /** From now on each event wakes this loop. */
    public void wakes(Loop reader) {
        loop = reader;
    }

    public void post(E event) {
        letters.add(new Letter<>(numbers.getAndIncrement(), event));
        Loop reader = loop;
        if (reader != null) {
            reader.wake();
        }
    }

    /** The number of the next event. All events that were posted before now have lower ones. */
    public long nextNumber() {
        return numbers.get();
    }

    /** The number of the first event; greater than all others if there is none. */
    public long first() {
        Letter<E> first = letters.peek();
        return first == null ? Long.MAX_VALUE : first.number();
    }

    /** Removes and returns the first event. */
    public E take() {
        return letters.remove().event();
    }

    private record Letter<E>(long number, E event) {}
}
