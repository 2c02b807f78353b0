package io.github.mirroredsupervisor.sample.orders;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Checks that each tenant's orders are delivered once and in their order, and by runs whose tokens rise. Fed with each
 * tenant's rows in the order of their positions. Not thread-safe.
 */
public final class DeliveryAudit {

    private final Map<Integer, TenantLedger> tenants = new HashMap<>();
    private long delivered;
    private long duplicates;
    private long reorderings;
    private long staleWrites;

    public void accept(Delivery delivery) {
        delivered++;
        tenants.computeIfAbsent(delivery.tenant(), tenant -> new TenantLedger()).accept(delivery);
    }

    public AuditReport report() {
        long gaps = tenants.values().stream()
                .mapToLong(ledger -> ledger.missing.size())
                .sum();
        return new AuditReport(delivered, duplicates, reorderings, gaps, staleWrites);
    }

    /** How many rows of a tenant were accepted. */
    public long delivered(int tenant) {
        TenantLedger ledger = tenants.get(tenant);
        return ledger == null ? 0 : ledger.rows;
    }

    private final class TenantLedger {

        private final Set<Long> missing = new HashSet<>();
        private long rows;
        private long highest;
        private long highestToken;

        private void accept(Delivery delivery) {
            rows++;
            long seq = delivery.seq();
            if (seq > highest) {
                for (long skipped = highest + 1; skipped < seq; skipped++) {
                    missing.add(skipped);
                }
                highest = seq;
            } else if (missing.remove(seq)) {
                reorderings++;
            } else {
                duplicates++;
            }
            if (delivery.token() < highestToken) {
                staleWrites++;
            }
            highestToken = Math.max(highestToken, delivery.token());
        }
    }
}
