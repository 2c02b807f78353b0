package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.internal.postgres.announcements.ChangeAnnouncer;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable.Entry;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable.Event;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable.What;
import io.github.mirroredsupervisor.internal.postgres.announcements.Notifications;
import io.github.mirroredsupervisor.internal.postgres.announcements.Notifications.Message;
import io.github.mirroredsupervisor.internal.postgres.connection.Connector;
import io.github.mirroredsupervisor.internal.postgres.connection.PrivateConnection;
import io.github.mirroredsupervisor.internal.postgres.connection.Role;
import io.github.mirroredsupervisor.internal.postgres.connection.Timeouts;
import io.github.mirroredsupervisor.internal.postgres.membership.GroupTable;
import io.github.mirroredsupervisor.internal.postgres.membership.MemberTable;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.testing.RowHolder;
import io.github.mirroredsupervisor.testing.TestStores;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What follows a change: when it is written, and what is given up. */
@ExtendWith(OutputCaptureExtension.class)
class ChangeAnnouncerTests extends StoreTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration RENEW = Duration.ofMillis(200);

    @BeforeEach
    void group() {
        database.execute("insert into mirrored_supervisor.supervision_group (name, strategy, intensity, period_ms)"
                + " values ('orders', 'ONE_FOR_ONE', 1, 5000)");
    }

    private ChangeAnnouncer announcer(Duration idle) {
        ConnectionSettings settings = TestStores.settings(database, Duration.ofSeconds(1));
        Timeouts bounds = Timeouts.of(settings.lease(), settings.renewInterval());
        PrivateConnection link = new PrivateConnection(Role.ANNOUNCE, new Connector(settings, bounds), bounds);
        return opened(new ChangeAnnouncer(
                link, new MemberTable(), new GroupTable(), new HistoryTable(), new Notifications("test"), RENEW, idle));
    }

    @Test
    void itIsConnectedWhileThereIsSomethingToTellAndALittleLonger() {
        ChangeAnnouncer announcer = announcer(Duration.ofMillis(300));
        assertThat(sessions()).isZero();
        for (int round = 0; round < 2; round++) {
            long before = revision();
            announcer.changed(Set.of(GROUP), List.of(new Message("channel", "{}")), List.of());
            await().atMost(PATIENCE).until(() -> revision() == before + 1);
            await().atMost(PATIENCE).until(() -> sessions() == 0);
        }
    }

    @Test
    void aRevisionThatSomebodyElseRaisesMeanwhileSaysAsMuch() {
        ChangeAnnouncer announcer = announcer(ChangeAnnouncer.IDLE);
        announcer.changed(Set.of(GROUP), List.of(), List.of());
        await().atMost(PATIENCE).until(() -> revision() == 2); // it is connected
        long before = revision();
        try (RowHolder other =
                RowHolder.of(database, "update mirrored_supervisor.supervision_group set revision = revision + 1")) {
            announcer.changed(Set.of(GROUP), List.of(), List.of());
            assertThat(announcer.await(PATIENCE)).isTrue();
            other.commit();
        }
        await().during(RENEW.multipliedBy(3)).atMost(PATIENCE).until(() -> revision() == before + 1);
        announcer.changed(Set.of(GROUP), List.of(), List.of());
        await().atMost(PATIENCE).until(() -> revision() == before + 2);
    }

    @Test
    void aGroupThatIsGoneIsNoReasonToTryAgain() {
        ChangeAnnouncer announcer = announcer(Duration.ofMillis(300));
        announcer.changed(Set.of(GROUP, "gone"), List.of(), List.of());
        assertThat(announcer.await(PATIENCE)).isTrue();
        await().atMost(PATIENCE).until(() -> revision() == 2);
        await().atMost(PATIENCE).until(() -> sessions() == 0);
    }

    @Test
    void ofAHistoryThatIsLockedForLongTheFirstEntriesAreKeptAndTheRestIsCounted(CapturedOutput output) {
        ChangeAnnouncer announcer = announcer(ChangeAnnouncer.IDLE);
        try (RowHolder holder = RowHolder.of(database, "lock table mirrored_supervisor.history")) {
            List<Entry> entries = IntStream.range(0, 2500)
                    .mapToObj(i -> new Entry("c" + i, (long) i, a))
                    .toList();
            for (int i = 0; i < 5; i++) {
                announcer.record(Event.now(What.GRANTED, GROUP, entries, b, null));
            }
            assertThat(announcer.await(PATIENCE)).isTrue();
            holder.rollback();
        }
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(entries()).isEqualTo(10_000);
            assertThat(output).contains("2500 entries of the history are missing");
        });
    }

    /** The trigger's own state is no violation of a constraint, after which all would be given up. */
    @Test
    void anEntryThatIsRefusedCostsNoOther(CapturedOutput output) {
        ChangeAnnouncer announcer = announcer(ChangeAnnouncer.IDLE);
        database.execute(
                "create or replace function public.object() returns trigger language plpgsql as $$ begin"
                        + " if new.child_id = 'c7' then raise exception 'not c7'; end if; return new; end $$",
                "create trigger objecting before insert on mirrored_supervisor.history"
                        + " for each row execute function public.object()");
        try {
            List<Entry> entries = IntStream.range(0, 30)
                    .mapToObj(i -> new Entry("c" + i, (long) i, a))
                    .toList();
            announcer.record(Event.now(What.GRANTED, GROUP, entries, b, null));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(entries()).isEqualTo(29));
            announcer.record(Event.now(What.GRANTED, GROUP, List.of(new Entry("c30", 30L, a)), b, null));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(entries()).isEqualTo(30));
            assertThat(output).contains("1 entries of the history are missing");
        } finally {
            database.execute("drop function public.object() cascade");
        }
    }

    @Test
    void whatIsToBeToldWhenItIsClosedIsTold() {
        ChangeAnnouncer announcer = announcer(ChangeAnnouncer.IDLE);
        announcer.changed(
                Set.of(GROUP),
                List.of(new Message("channel", "{}")),
                List.of(Event.now(What.LEFT, GROUP, List.of(Entry.of(a)), null, null)));
        announcer.close();
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(entries()).isEqualTo(1);
            assertThat(revision()).isEqualTo(2);
            assertThat(sessions()).isZero();
        });
    }

    private long sessions() {
        return number("select count(*) from pg_stat_activity where datname = current_database()"
                + " and application_name like 'mirrored-supervisor announce%'");
    }

    private long revision() {
        return number("select revision from mirrored_supervisor.supervision_group");
    }

    private long entries() {
        return number("select count(*) from mirrored_supervisor.history");
    }

    private long number(String sql) {
        return database.jdbc().sql(sql).query(Long.class).single();
    }
}
