package io.github.mirroredsupervisor.sample.measure.node;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.NestedRuntimeException;
import org.springframework.stereotype.Component;

/**
 * Logs once that the database does not answer, and once that it answers again, however many relays notice. Thread-safe.
 */
@Component
class Outages {

    private static final Logger log = LoggerFactory.getLogger(Outages.class);

    private final AtomicBoolean away = new AtomicBoolean();

    void noted(NestedRuntimeException failure) {
        if (away.compareAndSet(false, true)) {
            log.warn(
                    "Relays cannot deliver, and try again: {}",
                    NestedExceptionUtils.getMostSpecificCause(failure).getMessage());
        }
    }

    void over() {
        if (away.get() && away.compareAndSet(true, false)) {
            log.info("Relays deliver again");
        }
    }
}
