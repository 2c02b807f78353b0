package io.github.mirroredsupervisor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.NotificationSession.Hint;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Cause;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which hints each change sends. */
public abstract class HintContract extends StoreFixture {

    @Test
    void hintsSayWhereToLook() {
        join(a);
        awaitTold();
        NotificationSession listening = opened(store().openHints());
        assertThat(listening.await(b, Duration.ofSeconds(10))).containsExactly(Hint.EVERYTHING);

        insert("one", a);
        assertThat(listening.await(b, Duration.ofMillis(200))).isEmpty();
        work.command(GROUP, "one", 1, Command.TERMINATE, DesiredState.STOPPED, null);
        assertThat(listening.await(b, Duration.ofSeconds(10)))
                .containsExactly(new Hint(GROUP, Set.of("one"), false, null));
        work.terminateGroup(GROUP, Cause.INTENSITY_EXCEEDED, "test", a);
        assertThat(listening.await(b, Duration.ofSeconds(10))).containsExactly(new Hint(GROUP, Set.of(), false, null));
    }

    @Test
    void anAnswerHintsToWhoWaitsAndOtherReportsDoNot() {
        join(a);
        insert("one", a);
        awaitTold();
        NotificationSession listening = opened(store().openHints());
        listening.await(b, Duration.ofSeconds(10));

        report("one", a, Phase.STARTING, null);
        assertThat(listening.await(b, Duration.ofMillis(200))).isEmpty();
        report("one", a, Phase.RUNNING, 1L);
        assertThat(listening.await(b, Duration.ofSeconds(10))).containsExactly(new Hint(GROUP, Set.of(), true, null));
    }

    @Test
    void aRehearsalLeavesNothingBehind() {
        join(a);
        insert("one", a);
        awaitTold();
        NotificationSession listening = opened(store().openHints());
        listening.await(b, Duration.ofSeconds(10));
        GroupRow before = work.group(GROUP).orElseThrow();
        List<ChildRow> rows = work.allRows(GROUP);
        int history = work.purgeHistory(Duration.ZERO, 100);
        assertThat(history).isPositive();

        work.rehearse(a);
        assertThat(work.group(GROUP)).hasValue(before);
        assertThat(work.allRows(GROUP))
                .extracting(ChildRow::token)
                .isEqualTo(rows.stream().map(ChildRow::token).toList());
        assertThat(work.purgeHistory(Duration.ZERO, 100)).isZero();
        assertThat(listening.await(b, Duration.ofMillis(200))).isEmpty();
    }

    @Test
    void aStoresOwnHintsAreNotItsOwnNews() {
        Store store = store();
        WorkSession working = opened(store.openWork());
        NotificationSession listening = opened(store.openHints());
        working.join(request(a, FLAGS, Set.of()));
        listening.await(a, Duration.ofSeconds(10));

        working.insert(GROUP, spec("one"), a);
        working.command(GROUP, "one", 1, Command.TERMINATE, DesiredState.STOPPED, null);
        assertThat(listening.await(a, Duration.ofMillis(200))).isEmpty();
    }
}
