package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.mirror.HintSession.Hint;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listen thread: passes hints on. Without it everything happens too, with the next renewal. */
final class Hints implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(Hints.class);

    private final HintSession session;
    private final Supplier<@Nullable Incarnation> incarnation;
    private final Consumer<Hint> sink;
    private final Duration lease;

    private volatile boolean running = true;

    Hints(HintSession session, Supplier<@Nullable Incarnation> incarnation, Consumer<Hint> sink, Duration lease) {
        this.session = session;
        this.incarnation = incarnation;
        this.sink = sink;
        this.lease = lease;
    }

    @Override
    public void run() {
        int failures = 0;
        while (running) {
            try {
                Incarnation me = incarnation.get();
                if (me == null) {
                    pause(lease.dividedBy(10));
                    continue;
                }
                session.await(me.id(), lease).forEach(sink);
                if (failures > 1) {
                    log.info("Listening for hints again");
                }
                failures = 0;
            } catch (StoreUnavailableException e) {
                failures++;
                if (failures == 2) {
                    log.warn(
                            "No hints until the database answers; changes are seen with each renewal: {}",
                            e.getMessage());
                }
                if (failures > 1) {
                    pause(lease.multipliedBy(Math.min(failures, 10)).dividedBy(10));
                }
            } catch (Throwable e) {
                Threads.say(() -> log.error("Listening failed in an unforeseen way and is tried again", e));
                pause(lease);
            }
        }
        session.close();
    }

    private void pause(Duration time) {
        if (running) {
            LockSupport.parkNanos(this, Math.min(time.toNanos(), TimeUnit.MINUTES.toNanos(1)));
            Thread.interrupted();
        }
    }

    void stop(Thread thread) {
        running = false;
        LockSupport.unpark(thread);
        thread.interrupt();
    }
}
