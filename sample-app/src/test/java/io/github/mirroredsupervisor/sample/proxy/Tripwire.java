package io.github.mirroredsupervisor.sample.proxy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Runs an action at the nth request. Thread-safe.
 *
 * @see TcpProxy#arm(Tripwire)
 */
public final class Tripwire {

    /** Never trips. */
    static final Tripwire NONE = new Tripwire(name -> false, 1, true, () -> {});

    private final Predicate<String> names;
    private final boolean delivers;
    private final Runnable action;
    private final AtomicInteger left;

    /**
     * Creates a wire that trips once.
     *
     * @param names the names of the connections that count
     * @param nth which request from now on, over all of these connections, from 1. Statements that a client sends
     *     without waiting in between count as one request
     * @param delivers whether the request is delivered to the server before the action; if not, neither it nor anything
     *     after it is delivered
     * @param action the action, which ends before anything else passes in that connection
     */
    public Tripwire(Predicate<String> names, int nth, boolean delivers, Runnable action) {
        this.names = names;
        this.delivers = delivers;
        this.action = action;
        this.left = new AtomicInteger(nth);
    }

    /** Counts a request, and returns whether it is the nth. */
    boolean isTripped(String name) {
        return names.test(name) && left.get() > 0 && left.decrementAndGet() == 0;
    }

    boolean delivers() {
        return delivers;
    }

    void act() {
        action.run();
    }
}
