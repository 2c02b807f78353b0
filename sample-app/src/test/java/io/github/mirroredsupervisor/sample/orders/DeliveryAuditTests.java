package io.github.mirroredsupervisor.sample.orders;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeliveryAuditTests {

    private final DeliveryAudit audit = new DeliveryAudit();
    private long position;

    private void deliver(int tenant, long token, long... seqs) {
        for (long seq : seqs) {
            audit.accept(new Delivery(++position, tenant, seq, token));
        }
    }

    @Test
    void acceptsOrdersOnceAndInOrder() {
        deliver(1, 1, 1, 2, 3);
        deliver(2, 1, 1, 2);
        deliver(1, 2, 4, 5);
        assertThat(audit.report()).isEqualTo(new AuditReport(7, 0, 0, 0, 0));
        assertThat(audit.report().isExact()).isTrue();
        assertThat(audit.delivered(1)).isEqualTo(5);
    }

    @Test
    void findsAnOrderDeliveredTwice() {
        deliver(1, 1, 1, 2, 2, 3, 1);
        assertThat(audit.report().duplicates()).isEqualTo(2);
    }

    @Test
    void findsAnOrderThatWasSkipped() {
        deliver(1, 1, 1, 2, 4, 5, 8);
        assertThat(audit.report().gaps()).isEqualTo(3);
        assertThat(audit.report().isExact()).isFalse();
    }

    @Test
    void findsAMissingFirstOrder() {
        deliver(1, 1, 2);
        assertThat(audit.report().gaps()).isEqualTo(1);
    }

    @Test
    void findsAnOrderThatComesLate() {
        deliver(1, 1, 1, 3, 2, 4);
        assertThat(audit.report()).isEqualTo(new AuditReport(4, 0, 1, 0, 0));
    }

    @Test
    void findsRowsOfARunThatHadBeenReplaced() {
        deliver(1, 7, 1, 2);
        deliver(1, 9, 3);
        deliver(1, 7, 4);
        deliver(1, 9, 5);
        assertThat(audit.report()).isEqualTo(new AuditReport(5, 0, 0, 0, 1));
        assertThat(audit.report().isExact()).isFalse();
    }
}
