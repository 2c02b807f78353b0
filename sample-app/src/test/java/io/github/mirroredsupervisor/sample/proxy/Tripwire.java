package io.github.mirroredsupervisor.sample.proxy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Something that is to happen at a certain request. Thread-safe.
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
     * A wire that trips once.
     *
     * @param names of which connections
     * @param nth at which request from now on, all of these connections together, from 1. What a client sends at once
     *     counts as one: a statement, or several that it does not wait between
     * @param delivers whether the server still gets it before the action; if not, neither it nor anything after it is
     *     delivered
     * @param action what happens then, before anything else passes in that connection
     */
    public Tripwire(Predicate<String> names, int nth, boolean delivers, Runnable action) {
        this.names = names;
        this.delivers = delivers;
        this.action = action;
        this.left = new AtomicInteger(nth);
    }

    /** Counts a request, and says whether it is the one. */
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
