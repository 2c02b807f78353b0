package io.github.mirroredsupervisor.sample.measure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.sample.measure.Receipts.Gap;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReceiptsTests {

    @Test
    void findsTheLongestTimeWithoutACommit() {
        assertThat(Receipts.longestGap(100, List.of(110L, 150L, 155L))).isEqualTo(new Gap(110, 150));
    }

    @Test
    void theTimeBeforeTheFirstCommitCounts() {
        assertThat(Receipts.longestGap(100, List.of(190L, 200L))).isEqualTo(new Gap(100, 190));
    }

    @Test
    void withoutCommitsThereIsNoEndOfIt() {
        assertThat(Receipts.longestGap(100, List.of())).isEqualTo(new Gap(100, 100));
    }
}
