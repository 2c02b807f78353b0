package io.github.mirroredsupervisor.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MailboxTests {

    private final Mailbox<String> first = new Mailbox<>();
    private final Mailbox<Integer> second = first.beside();

    @Test
    void mailboxesBesideEachOtherNumberTheirEventsTogether() {
        second.post(1);
        first.post("then");
        second.post(2);
        assertThat(second.first()).isLessThan(first.first());
        assertThat(second.take()).isEqualTo(1);
        assertThat(first.first()).isLessThan(second.first());
        assertThat(first.take()).isEqualTo("then");
        assertThat(second.take()).isEqualTo(2);
        assertThat(first.first()).isEqualTo(second.first()).isGreaterThan(first.nextNumber());
    }

    @Test
    void whatIsPostedLaterHasTheNextNumberOrAGreaterOne() {
        first.post("before");
        long end = second.nextNumber();
        second.post(1);
        assertThat(first.first()).isLessThan(end);
        assertThat(second.first()).isGreaterThanOrEqualTo(end);
    }
}
