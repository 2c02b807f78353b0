package io.github.mirroredsupervisor.autoconfigure.children;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The {@code Lifecycle} beans that their supervisor has started, by bean name. Thread-safe. */
public final class OwnedLifecycles {

    private final ConcurrentMap<String, Ownership> byBean = new ConcurrentHashMap<>();

    Ownership of(String beanName) {
        return byBean.computeIfAbsent(beanName, name -> new Ownership());
    }

    /** Lasts from before the bean is started until after it was stopped. */
    static final class Ownership {

        private final AtomicInteger owners = new AtomicInteger();

        private final AtomicInteger changes = new AtomicInteger();

        void begin() {
            changes.incrementAndGet();
            owners.incrementAndGet();
        }

        void end() {
            owners.decrementAndGet();
            changes.incrementAndGet();
        }

        boolean isOwned() {
            return owners.get() > 0;
        }

        /**
         * A counter. If it differs between two reads, the ownership began or ended in between, and what was seen in
         * that time proves nothing.
         */
        int changes() {
            return changes.get();
        }
    }
}
