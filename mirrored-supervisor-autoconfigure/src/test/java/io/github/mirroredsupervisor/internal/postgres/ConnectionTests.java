package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.NotificationSession.Hint;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.Proxy;
import io.github.mirroredsupervisor.testing.RowHolder;
import io.github.mirroredsupervisor.testing.TestStores;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the private connections do when they are lost, held up, or lead to the wrong server (faults F4, F9). */
class ConnectionTests extends StoreTest {

    private static final Duration SHORT_LEASE = Duration.ofMillis(1500);
    /** Far beyond every bound that follows from the short lease, and far below the driver's defaults. */
    private static final Duration BOUNDED = Duration.ofSeconds(6);

    @BeforeEach
    void join() {
        WorkSession work = work();
        work.join(request(a, Set.of("relay"), List.of(spec("one"))));
        assertThat(work.awaitTold(Duration.ofSeconds(10))).isTrue(); // whoever listens later hears nothing of it
    }

    @Test
    void aTerminatedSessionCostsOneCall() {
        RenewalSession renewals = renewals();
        WorkSession work = work();
        renewals.renew(a);
        work.group(GROUP);

        terminate("renew");
        terminate("work");

        assertUnavailable(() -> renewals.renew(a));
        assertUnavailable(() -> work.group(GROUP));
        assertThat(renewals.renew(a).renewed()).isTrue();
        assertThat(work.group(GROUP)).isPresent();
    }

    @Test
    void aListenerThatLostItsSessionMayHaveMissedEverything() {
        NotificationSession listening = opened(store().openHints(Set.of(GROUP)));
        listening.await(a, Duration.ofSeconds(10));

        terminate("listen");

        assertUnavailable(() -> listening.await(a, Duration.ofSeconds(10)));
        assertThat(listening.await(a, Duration.ofSeconds(10))).containsExactly(Hint.EVERYTHING);
    }

    @Test
    void aRenewalBehindAHeldRowGivesUp() {
        RenewalSession renewals = opened(shortLease(database.jdbcUrl()).openRenewals());
        renewEventually(renewals);
        String hold = "select from mirrored_supervisor.peer where id = ? for update";
        try (RowHolder holder = RowHolder.of(database, hold, a.value())) {
            assertBounded(() -> renewals.renew(a));
            holder.rollback();
        }
        renewEventually(renewals);
    }

    @Test
    void aWorkCallBehindAHeldTableGivesUp() {
        WorkSession work = opened(shortLease(database.jdbcUrl()).openWork());
        try (RowHolder holder = RowHolder.of(database, "lock table mirrored_supervisor.child")) {
            assertBounded(() -> work.allRows(GROUP));
            assertBounded(() -> work.insert(GROUP, spec("two"), a));
            holder.rollback();
        }
        assertThat(work.insert(GROUP, spec("two"), a)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "?loginTimeout=100&socketTimeout=100&connectTimeout=100&options=-c%20statement_timeout=0"})
    void aServerThatNeverAnswersIsNotWaitedFor(String parameters) throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            String url = "jdbc:postgresql://localhost:" + silent.getLocalPort() + "/any" + parameters;
            PostgresStore store = shortLease(url);
            assertBounded(
                    () -> opened(store.openRenewals()).renew(a),
                    () -> opened(store.openWork()).group(GROUP),
                    () -> opened(store.openHints(Set.of(GROUP))).await(a, Duration.ofSeconds(1)));
        }
    }

    @Test
    void aServerThatIsNotThereIsUnavailable() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        PostgresStore store = shortLease("jdbc:postgresql://localhost:" + port + "/any?user=secret&password=secret");
        assertThatThrownBy(() -> opened(store.openRenewals()).renew(a))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("renew the lease")
                .hasMessageContaining("localhost:" + port)
                .hasMessageNotContaining("secret");
    }

    @Test
    void aLineThatFallsSilentIsNoticedByEverySession() {
        try (Proxy proxy = new Proxy(database)) {
            PostgresStore store = shortLease(proxy.jdbcUrl());
            RenewalSession renewals = opened(store.openRenewals());
            WorkSession work = opened(store.openWork());
            NotificationSession listening = opened(store.openHints(Set.of(GROUP)));
            renewEventually(renewals);
            work.group(GROUP);
            listening.await(a, Duration.ofSeconds(5));

            proxy.freeze();

            assertBounded(
                    () -> renewals.renew(a), () -> work.group(GROUP), () -> listening.await(a, Duration.ofMinutes(1)));

            proxy.thaw();
            proxy.cut();
            renewEventually(renewals);
            assertThat(work.group(GROUP)).isPresent();
            assertThat(listening.await(a, Duration.ofSeconds(5))).containsExactly(Hint.EVERYTHING);
        }
    }

    @Test
    void aLostAnswerIsNotTakenForAnOutcome() {
        try (Proxy proxy = new Proxy(database)) {
            WorkSession work = opened(shortLease(proxy.jdbcUrl()).openWork());
            work.group(GROUP);
            proxy.freeze();
            assertBounded(() -> work.terminateGroup(GROUP, GroupRow.Cause.INTENSITY_EXCEEDED, "test", a));
            proxy.thaw();
            assertThat(work.group(GROUP)).isPresent();
        }
    }

    @Test
    void closingFromAnotherThreadEndsAWait() {
        NotificationSession listening = store().openHints(Set.of(GROUP));
        listening.await(a, Duration.ofSeconds(10));
        Background<List<Hint>> waiting = Background.call(() -> listening.await(a, Duration.ofMinutes(5)));
        await().until(() -> Arrays.stream(waiting.thread().getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals("getNotifications")));

        listening.close();

        assertUnavailable(waiting::result);
        assertUnavailable(() -> listening.await(a, Duration.ofSeconds(1)));
    }

    @Test
    void anInterruptWhileConnectingLeavesNothingHalfDone() {
        RenewalSession renewals = renewals();
        Boolean stillInterrupted = Background.call(() -> {
                    Thread.currentThread().interrupt();
                    assertUnavailable(() -> renewals.renew(a));
                    return Thread.interrupted();
                })
                .result();
        assertThat(stillInterrupted).isTrue();
        assertThat(renewals.renew(a).renewed()).isTrue();
    }

    @Test
    void defaultsOfTheRoleDoNotMatter() {
        configure(
                "statement_timeout = '10ms'",
                "lock_timeout = '1ms'",
                "idle_session_timeout = '1s'",
                "idle_in_transaction_session_timeout = '1ms'",
                "default_transaction_isolation = 'serializable'",
                "synchronous_commit = 'off'",
                "search_path = 'nowhere'");
        WorkSession work = work();
        NotificationSession listening = opened(store().openHints(Set.of(GROUP)));
        listening.await(a, Duration.ofSeconds(10));
        work.join(request(b, Set.of("relay"), List.of(spec("two"))));

        assertThat(listening.await(a, Duration.ofSeconds(10))).containsExactly(new Hint(GROUP, Set.of(), false));
        assertThat(listening.await(a, Duration.ofMillis(1500))).isEmpty();
        assertThat(work.allRows(GROUP)).hasSize(2);
        assertThat(renewals().renew(b).renewed()).isTrue();
    }

    @Test
    void theCommitOfARenewalWaitsForTheDiskWhateverTheDefaultOfTheRole() {
        configure("synchronous_commit = 'off'");
        database.execute(
                "create table public.seen (setting text)",
                """
                        create function public.see() returns trigger language plpgsql as $$
                        begin
                            insert into public.seen values (current_setting('synchronous_commit'));
                            return null;
                        end $$
                        """,
                "create trigger seeing after update on mirrored_supervisor.peer for each row execute function public.see()");
        try {
            renewals().renew(a);
            assertThat(database.jdbc()
                            .sql("select distinct setting from public.seen")
                            .query(String.class)
                            .list())
                    .containsExactly("on");
        } finally {
            database.execute("drop function public.see() cascade", "drop table public.seen");
        }
    }

    @Test
    void aReadOnlyServerIsRefusedWithAReason() {
        configure("default_transaction_read_only = on");

        assertThatThrownBy(() -> renewals().renew(a))
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("read-only")
                .hasCauseInstanceOf(UnsupportedServerException.class);
    }

    @Test
    void sessionsSayWhatTheyAreFor() {
        PostgresStore store = new PostgresStore(TestStores.settings(
                new Database(database.jdbcUrl() + "?ApplicationName=other", database.username(), database.password()),
                "a label that is by far too long to fit into the name of an application",
                TestStores.LEASE,
                Duration.ofSeconds(3)));
        opened(store.openRenewals()).renew(a);
        opened(store.openWork()).group(GROUP);

        List<String> names = database.jdbc()
                .sql("select application_name from pg_stat_activity where datname = current_database()"
                        + " and application_name like 'mirrored-supervisor % a label%'")
                .query(String.class)
                .list();

        assertThat(names).hasSize(2);
        assertThat(names).allSatisfy(name -> assertThat(name).hasSizeLessThanOrEqualTo(63));
    }

    @Test
    void nothingIsSetOnSessionsBehindAPooler() {
        try (Proxy proxy = new Proxy(database)) {
            proxy.poseAsPooler();
            PostgresStore store = shortLease(proxy.jdbcUrl());
            RenewalSession renewals = opened(store.openRenewals());
            renewEventually(renewals);
            assertThat(opened(store.openWork()).group(GROUP)).isPresent();

            assertThat(opened(store.openHints(Set.of(GROUP))).await(a, Duration.ofSeconds(5)))
                    .containsExactly(Hint.EVERYTHING);

            configure("synchronous_commit = off");
            proxy.cut();
            await().untilAsserted(() -> assertThatThrownBy(() -> renewals.renew(a))
                    .hasCauseInstanceOf(UnsupportedServerException.class)
                    .hasMessageContaining("synchronous_commit = off"));
        }
    }

    @Test
    void atRestThereAreFewStatements() {
        Duration lease = Duration.ofSeconds(1);
        try (Proxy proxy = new Proxy(database)) {
            PostgresStore store = new PostgresStore(TestStores.settings(proxy.jdbcUrl(), database, lease));
            NotificationSession listening = opened(store.openHints(Set.of(GROUP)));
            RenewalSession renewals = opened(store.openRenewals());
            listening.await(a, Duration.ofSeconds(10));
            renewEventually(renewals);
            long before = proxy.questions();

            assertThat(listening.await(a, lease.multipliedBy(3))).isEmpty();
            assertThat(proxy.questions() - before).isBetween(2L, 4L);
            long pinged = proxy.questions();
            renewals.renew(a);
            assertThat(proxy.questions() - pinged).isEqualTo(1);
        }
    }

    /** Short bounds are for failing in time, and a busy machine may miss them. */
    private void renewEventually(RenewalSession renewals) {
        await().ignoreException(StoreUnavailableException.class)
                .until(() -> renewals.renew(a).renewed());
    }

    private PostgresStore shortLease(String url) {
        return new PostgresStore(TestStores.settings(url, database, SHORT_LEASE));
    }

    private void configure(String... settings) {
        String alter = "alter database " + database.name() + " set ";
        database.execute(alter + String.join("; " + alter, settings));
    }

    private void terminate(String role) {
        List<Boolean> terminated = database.jdbc()
                .sql("select pg_terminate_backend(pid, 10000) from pg_stat_activity"
                        + " where datname = current_database() and application_name like ?")
                .param("mirrored-supervisor " + role + "%")
                .query(Boolean.class)
                .list();
        assertThat(terminated).isNotEmpty().containsOnly(true);
    }

    private static void assertUnavailable(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(StoreUnavailableException.class);
    }

    /** Each of them, on a thread of its own. */
    private static void assertBounded(ThrowingCallable... calls) {
        List<Background<Duration>> bounded = Stream.of(calls)
                .map(call -> Background.call(() -> {
                    long start = System.nanoTime();
                    assertUnavailable(call);
                    return Duration.ofNanos(System.nanoTime() - start);
                }))
                .toList();
        assertThat(bounded).allSatisfy(call -> assertThat(call.result()).isLessThan(BOUNDED));
    }
}
