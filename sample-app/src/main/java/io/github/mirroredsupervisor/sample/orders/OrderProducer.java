package io.github.mirroredsupervisor.sample.orders;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Lets orders come in all the time, for tenants drawn at random, from a thread of its own. */
public final class OrderProducer implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(OrderProducer.class);

    private static final int ROUNDS_PER_SECOND = 20;
    private static final long ROUND_NANOS = 1_000_000_000L / ROUNDS_PER_SECOND;

    private final OrderDesk desk;
    private final OrderSettings settings;

    private volatile boolean running;
    private boolean databaseAway;

    public OrderProducer(JdbcClient jdbc, OrderSettings settings) {
        this.desk = new OrderDesk(jdbc);
        this.settings = settings;
    }

    @Override
    public void start() {
        desk.open(settings.tenants());
        running = true;
        Thread thread = new Thread(this::produce, "orders");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void produce() {
        long next = System.nanoTime();
        for (long round = 0; running; round++) {
            int count = (int) (settings.perSecond() * (round + 1) / ROUNDS_PER_SECOND
                    - settings.perSecond() * round / ROUNDS_PER_SECOND);
            if (count > 0) {
                place(draw(count));
            }
            // After an outage it goes on at its pace, without making up for the time.
            next = Math.max(next + ROUND_NANOS, System.nanoTime());
            LockSupport.parkNanos(next - System.nanoTime());
        }
    }

    private Map<Integer, Integer> draw(int count) {
        Map<Integer, Integer> counts = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            counts.merge(ThreadLocalRandom.current().nextInt(settings.tenants()) + 1, 1, Integer::sum);
        }
        return counts;
    }

    private void place(Map<Integer, Integer> counts) {
        try {
            desk.place(counts);
            databaseAway = false;
        } catch (DataAccessException e) {
            if (!databaseAway && running) {
                log.warn(
                        "No orders can be placed, and it is tried again: {}",
                        NestedExceptionUtils.getMostSpecificCause(e).getMessage());
            }
            databaseAway = true;
        }
    }
}
