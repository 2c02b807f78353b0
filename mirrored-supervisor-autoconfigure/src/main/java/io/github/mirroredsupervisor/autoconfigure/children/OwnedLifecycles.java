package io.github.mirroredsupervisor.autoconfigure.children;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Which {@code Lifecycle} beans their supervisor has started, by bean name. Thread-safe. */
public final class OwnedLifecycles {

    private final ConcurrentMap<String, Ownership> byBean = new ConcurrentHashMap<>();

    Ownership of(String beanName) {
        return byBean.computeIfAbsent(beanName, name -> new Ownership());
    }

    /** From before the bean is started until after it was stopped. */
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

        /** Differs if the ownership has begun or ended in between: what was seen meanwhile tells nothing. */
        int changes() {
            return changes.get();
        }
    }
}
