package io.github.mirroredsupervisor.internal.group;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the calling thread is in a step of a group's loop, and so may use what belongs to it. Asked in assertions
 * only: a breach fails a test and costs nothing in production.
 */
final class Confinement {

    private volatile @Nullable Thread inside;

    /** Runs a step. Steps may be nested where one thread plays several. */
    long inside(LongSupplier step) {
        Thread before = inside;
        inside = Thread.currentThread();
        try {
            return step.getAsLong();
        } finally {
            inside = before;
        }
    }

    boolean holds() {
        return Thread.currentThread().equals(inside);
    }
}
