package io.github.mirroredsupervisor.internal.context;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the calling thread is in a step of a group's loop, and so may use the loop's state. Used in assertions only:
 * a violation fails a test, and the check costs nothing in production.
 */
public final class Confinement {

    private volatile @Nullable Thread inside;

    /** Runs a step. Steps may be nested where one thread runs several loops. */
    public long inside(LongSupplier step) {
        Thread before = inside;
        inside = Thread.currentThread();
        try {
            return step.getAsLong();
        } finally {
            inside = before;
        }
    }

    public boolean holds() {
        return Thread.currentThread().equals(inside);
    }
}
