package io.github.mirroredsupervisor.sample.page;

import io.github.mirroredsupervisor.sample.orders.AuditReport;
import io.github.mirroredsupervisor.sample.orders.DeliveredTable;
import io.github.mirroredsupervisor.sample.orders.DeliveryAudit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Follows what is delivered, and how fast. For one thread. */
final class DeliveryMonitor {

    private static final long WINDOW_NANOS = 2_000_000_000L;

    private record Sample(long nanos, List<Long> delivered) {}

    private final DeliveredTable table;
    private final int tenants;
    private final DeliveryAudit audit = new DeliveryAudit();
    private final Deque<Sample> samples = new ArrayDeque<>();
    private Map<Integer, Long> waiting = Map.of();

    DeliveryMonitor(DeliveredTable table, int tenants) {
        this.table = table;
        this.tenants = tenants;
    }

    /**
     * Reads what is new.
     *
     * @throws org.springframework.dao.DataAccessException if the database does not answer
     */
    void update() {
        table.readOn(audit::accept);
        waiting = table.waiting();
        samples.addLast(sample());
        while (samples.size() > 2
                && samples.getLast().nanos() - samples.getFirst().nanos() > WINDOW_NANOS) {
            samples.removeFirst();
        }
    }

    private Sample sample() {
        return new Sample(
                System.nanoTime(),
                IntStream.rangeClosed(1, tenants).mapToObj(audit::delivered).toList());
    }

    AuditReport report() {
        return audit.report();
    }

    long delivered(int tenant) {
        return audit.delivered(tenant);
    }

    long waiting(int tenant) {
        return waiting.getOrDefault(tenant, 0L);
    }

    /** Deliveries of a tenant per second, over the last two seconds. */
    double rate(int tenant) {
        if (samples.size() < 2) {
            return 0;
        }
        Sample first = samples.getFirst();
        Sample last = samples.getLast();
        long delivered = last.delivered().get(tenant - 1) - first.delivered().get(tenant - 1);
        return delivered * 1e9 / (last.nanos() - first.nanos());
    }
}
