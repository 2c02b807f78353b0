package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.Takeover;
import io.github.mirroredsupervisor.internal.postgres.connection.Connector;
import io.github.mirroredsupervisor.internal.postgres.connection.Timeouts;
import io.github.mirroredsupervisor.internal.postgres.server.ServerIdentity;
import io.github.mirroredsupervisor.internal.postgres.sessions.HeldSessionLock;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.postgres.sessions.SessionHints;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WatchSession;
import io.github.mirroredsupervisor.internal.store.WatchSession.Outcome;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.Proxy;
import io.github.mirroredsupervisor.testing.TestStores;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Protocol rule 10 at the database: who holds which lock, what a wait for it shows, and what may be moved for it. */
@ExtendWith(OutputCaptureExtension.class)
class SessionLockTests extends StoreTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private WorkSession work;

    @BeforeEach
    void join() {
        work = work();
        work.join(request(a, Set.of("relay"), List.of()));
        work.join(request(b, Set.of("relay"), List.of()));
    }

    /** A peer's listen session and what its renewal shows of it. */
    private final class Holder {

        final Store store;
        final PeerId peer;
        final NotificationSession listening;

        Holder(Store store, PeerId peer) {
            this.store = store;
            this.peer = peer;
            this.listening = opened(store.openHints(Set.of(GROUP)));
            listen();
        }

        void listen() {
            listening.await(peer, PATIENCE);
        }

        Holder renew() {
            assertThat(opened(store.openRenewals()).renew(peer).renewed()).isTrue();
            return this;
        }
    }

    private Holder holder() {
        return new Holder(store(), a).renew();
    }

    private SessionLock shown(PeerId peer) {
        return renewals().renew(peer.equals(a) ? b : a).locks().get(peer);
    }

    private WatchSession watch() {
        return opened(store().openWatch().orElseThrow());
    }

    // ---- the lock

    @Test
    void rule10EveryRenewalShowsTheLockThatTheListenSessionHolds() {
        Holder holder = new Holder(store(), a);
        assertThat(shown(a)).isNull();

        holder.renew();

        SessionLock lock = shown(a);
        assertThat(lock.peer()).isEqualTo(a);
        assertThat(lock.key()).isPositive();
        assertThat(holdersOf(lock)).singleElement().asString().startsWith("mirrored-supervisor listen");
        database.jdbc()
                .sql("select pg_advisory_unlock_all()")
                .query((row, number) -> 1)
                .list();
        assertThat(holdersOf(lock)).hasSize(1);
    }

    @Test
    void rule10ALostSessionIsShownNoMoreAndTheNextOneHasANewKey() {
        Holder holder = holder();
        SessionLock first = shown(a);

        terminate("listen");
        assertThatThrownBy(holder::listen).isInstanceOf(StoreUnavailableException.class);
        holder.renew();
        assertThat(shown(a)).isNull();

        holder.listen();
        holder.renew();
        assertThat(shown(a).key()).isNotEqualTo(first.key());
        assertThat(holdersOf(first)).isEmpty();
        assertThat(holdersOf(shown(a))).hasSize(1);
    }

    @Test
    void rule10TheNextIncarnationHasAnotherKey() {
        Holder holder = holder();
        SessionLock first = shown(a);
        work.join(request(c, Set.of("relay"), List.of()));

        holder.listening.await(c, Duration.ofMillis(50));
        holder.renew();
        opened(holder.store.openRenewals()).renew(c);

        assertThat(shown(a)).isNull();
        assertThat(shown(c).key()).isNotEqualTo(first.key());
        assertThat(holdersOf(first)).isEmpty();
    }

    @Test
    void aClosedSessionIsShownNoMore() {
        Holder holder = holder();
        holder.listening.close();
        holder.renew();
        assertThat(shown(a)).isNull();
    }

    @Test
    void i25AKeyThatTheApplicationUsesIsNotWaitedFor() throws SQLException {
        try (Connection application = database.connect();
                Connection session = database.connect()) {
            lock(application, 4711);
            Iterator<Long> keys = List.of(2 * 4711L, 2 * 4711L, 2 * 815L).iterator();
            Connector connector = new Connector(
                    TestStores.settings(database), Timeouts.of(TestStores.LEASE, TestStores.LEASE.dividedBy(5)));
            HeldSessionLock lock = new HeldSessionLock(keys::next, new ServerIdentity(), connector);

            assertThat(lock.take(session, a)).extracting(SessionLock::key).isEqualTo(815L);
        }
    }

    @Test
    void theServerIsTheSameForPeersInEveryTimeZone() {
        holder();
        String here = shown(a).server();
        TimeZone zone = TimeZone.getDefault();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Apia"));
            new Holder(store(), b).renew();
        } finally {
            TimeZone.setDefault(zone);
        }
        assertThat(shown(b).server()).isEqualTo(here);
    }

    @Test
    void aRoleThatMayNotAskForTheLogsPositionHasTheStartTime() throws SQLException {
        ServerIdentity identity = new ServerIdentity();
        try (Connection connection = database.connect()) {
            String with = identity.of(connection);
            database.execute("create role restricted");
            try (var statement = connection.createStatement()) {
                statement.execute("revoke execute on function pg_current_wal_lsn() from public");
                statement.execute("set role restricted");
                assertThat(identity.of(connection)).isEqualTo(with.replaceFirst(".*/", ""));
            }
        }
    }

    // ---- behind a pooler, or switched off

    @Test
    void i15BehindAPoolerNothingIsLockedAndOneWarningSaysSo(CapturedOutput output) {
        try (Proxy proxy = new Proxy(database)) {
            proxy.poseAsPooler();
            Store store = new PostgresStore(TestStores.settings(proxy.jdbcUrl(), database, TestStores.LEASE));
            Holder holder = new Holder(store, a).renew();
            assertThat(shown(a)).isNull();
            proxy.cut();
            assertThatThrownBy(holder::listen).isInstanceOf(StoreUnavailableException.class);
            holder.listen();

            assertThat(shown(a)).isNull();
            assertThat(advisoryLocks()).isZero();
            assertThat(output.getOut().split("session-hints=off", -1)).hasSize(2);

            new Holder(store(), b).renew();
            assertThat(opened(store.openWatch().orElseThrow()).await(shown(b))).isEqualTo(Outcome.FREE);
        }
    }

    @Test
    void sessionHintsCanBeSwitchedOff() {
        Store store = new PostgresStore(TestStores.settings(database), SessionHints.OFF);
        new Holder(store, a).renew();

        assertThat(shown(a)).isNull();
        assertThat(advisoryLocks()).isZero();
        assertThat(store.openWatch()).isEmpty();
    }

    // ---- the watch

    @Test
    void rule10AWaitThatBlockedAndWasGrantedIsEvidence() {
        holder();
        SessionLock lock = shown(a);
        WatchSession watch = watch();
        Background<Outcome> waiting = waiting(watch, lock);

        terminate("listen");

        assertThat(waiting.result()).isEqualTo(Outcome.RELEASED);
        assertThat(advisoryLocks()).isZero();
        assertThat(watch.await(lock)).isEqualTo(Outcome.FREE);
    }

    @Test
    void i12ALockThatIsFreeAtTheFirstTryIsNoEvidence() {
        holder();
        SessionLock lock = shown(a);
        terminate("listen");

        assertThat(watch().await(lock)).isEqualTo(Outcome.FREE);
        assertThat(advisoryLocks()).isZero();
    }

    @Test
    void rule10ALockOnAnotherServerIsNoEvidence() {
        holder();
        SessionLock lock = shown(a);
        assertThat(watch().await(new SessionLock(a, lock.key(), "another"))).isEqualTo(Outcome.FREE);
    }

    @Test
    void i11AWatchThatLostItsOwnSessionHasSeenNothing() {
        holder();
        SessionLock lock = shown(a);
        WatchSession watch = watch();
        Background<Outcome> waiting = waiting(watch, lock);

        terminate("watch");
        assertThatThrownBy(waiting::result).isInstanceOf(StoreUnavailableException.class);
        terminate("listen");

        assertThat(watch.await(lock)).isEqualTo(Outcome.FREE);
    }

    @Test
    void severalPeersSeeTheSameReleaseAtOnce() {
        holder();
        SessionLock lock = shown(a);
        List<Background<Outcome>> waiting = List.of(waiting(watch(), lock), waiting(watch(), lock));
        awaitWaiters(2);

        terminate("listen");

        assertThat(waiting).extracting(Background::result).containsOnly(Outcome.RELEASED);
    }

    @Test
    void anInterruptedWaitHasSeenNothingAndKeepsItsSession() {
        holder();
        SessionLock lock = shown(a);
        WatchSession watch = watch();
        Background<Outcome> waiting = waiting(watch, lock);
        int backend = backendOf("watch");

        watch.interrupt();

        assertThat(waiting.result()).isEqualTo(Outcome.HELD);
        Background<Outcome> again = waiting(watch, lock);
        assertThat(backendOf("watch")).isEqualTo(backend);
        watch.interrupt();
        assertThat(again.result()).isEqualTo(Outcome.HELD);
    }

    @Test
    void closingTheWatchEndsItsWait() {
        holder();
        WatchSession watch = watch();
        Background<Outcome> waiting = waiting(watch, shown(a));

        watch.close();

        await().atMost(PATIENCE).until(() -> !waiting.thread().isAlive());
        await().atMost(PATIENCE).until(() -> sessions("watch").isEmpty());
    }

    @Test
    void whileItWaitsAWatchSendsNothing() {
        try (Proxy proxy = new Proxy(database)) {
            Duration lease = Duration.ofSeconds(1);
            new Holder(new PostgresStore(TestStores.settings(database)), a).renew();
            Store store = new PostgresStore(TestStores.settings(proxy.jdbcUrl(), database, lease));
            WatchSession watch = opened(store.openWatch().orElseThrow());
            Background<Outcome> waiting = waiting(watch, shown(a));
            long before = proxy.questions();

            await().during(lease.multipliedBy(3))
                    .atMost(PATIENCE)
                    .until(() -> waiting.thread().isAlive());

            assertThat(proxy.questions()).isEqualTo(before);
        }
    }

    // ---- the move

    @Test
    void rule10OnlyImmediateChildrenThatRunAreToldOf() {
        insert("waits", Takeover.AFTER_LEASE);
        insert("immediate", Takeover.IMMEDIATE);
        work.insert(GROUP, spec("of-another").withTakeover(Takeover.IMMEDIATE), b);

        assertThat(work.immediate(GROUP, a)).extracting(ChildRow::id).containsExactly("immediate");
        assertThat(work.immediate("unknown", a)).isEmpty();
        assertThat(work.members(GROUP)).extracting(MemberRow::immediate).containsOnly(Set.of("relay"));
        ChildRow row = row(work, "immediate");
        work.command(GROUP, row.id(), row.revision(), ChildRow.Command.TERMINATE, DesiredState.STOPPED, null);
        assertThat(work.members(GROUP))
                .filteredOn(member -> member.id().equals(a))
                .extracting(MemberRow::immediate)
                .containsOnly(Set.of());
    }

    @Test
    void rule10AChildMovesWhileItsOwnerStillShowsTheLostLock() {
        holder();
        SessionLock lock = shown(a);
        ChildRow row = insert("one", Takeover.IMMEDIATE);
        terminate("listen");

        Map<String, Long> moved = takeOver(row, lock);

        assertThat(moved).containsOnlyKeys("one");
        assertThat(moved.get("one")).isGreaterThan(row.token());
        assertThat(row(work, "one").owner()).isEqualTo(b);
    }

    @Test
    void rule10NothingMovesOnceTheOwnerShowsAnotherLockOrServer() {
        Holder holder = holder();
        SessionLock lock = shown(a);
        ChildRow row = insert("one", Takeover.IMMEDIATE);

        assertThat(takeOver(row, new SessionLock(a, lock.key(), "another"))).isEmpty();
        assertThat(takeOver(row, new SessionLock(a, lock.key() - 1, lock.server())))
                .isEmpty();
        terminate("listen");
        assertThatThrownBy(holder::listen).isInstanceOf(StoreUnavailableException.class);
        holder.renew(); // shows none
        assertThat(takeOver(row, lock)).isEmpty();
        holder.listen();
        holder.renew(); // shows another
        assertThat(takeOver(row, lock)).isEmpty();
        assertThat(row(work, "one").token()).isEqualTo(row.token());
    }

    @Test
    void rule10AMoveIsACompareAndSetOnOwnerAndToken() {
        holder();
        SessionLock lock = shown(a);
        ChildRow row = insert("one", Takeover.IMMEDIATE);
        grant(work, a, expected(List.of(row)));

        assertThat(takeOver(row, lock)).isEmpty();
        assertThat(row(work, "one").owner()).isEqualTo(a);
    }

    @Test
    void rule10AChildThatHasJustMovedOnAHintDoesNotDoSoAgain() {
        holder();
        takeOver(insert("one", Takeover.IMMEDIATE), shown(a));

        assertThat(work.immediate(GROUP, b)).isEmpty();
        age("one", TestStores.LEASE.minusSeconds(5));
        assertThat(work.immediate(GROUP, b)).isEmpty();
        age("one", TestStores.LEASE.plusSeconds(5));
        assertThat(work.immediate(GROUP, b)).hasSize(1);
        age("one", Duration.ofHours(-1)); // the database's clock was set back since
        assertThat(work.immediate(GROUP, b)).hasSize(1);
    }

    @Test
    void anOrdinaryGrantDampsNothing() {
        ChildRow row = insert("one", Takeover.IMMEDIATE);
        grant(work, b, expected(List.of(row)));
        assertThat(work.immediate(GROUP, b)).hasSize(1);
    }

    private Map<String, Long> takeOver(ChildRow row, SessionLock lock) {
        return work.takeOver(GROUP, b, expected(List.of(row)), lock, Map.of());
    }

    private ChildRow insert(String id, Takeover takeover) {
        ChildSpec spec = spec(id).withTakeover(takeover);
        ChildRow row = work.insert(GROUP, spec, a);
        assertThat(row).isNotNull();
        return row;
    }

    private void age(String id, Duration age) {
        database.jdbc()
                .sql("update mirrored_supervisor.child set taken_over_at = clock_timestamp() - ? * interval '1 second'"
                        + " where id = ?")
                .param(age.toSeconds())
                .param(id)
                .update();
    }

    /** A wait that has blocked. */
    private Background<Outcome> waiting(WatchSession watch, SessionLock lock) {
        Background<Outcome> waiting = Background.call(() -> watch.await(lock));
        awaitWaiters(1);
        return waiting;
    }

    private void awaitWaiters(int count) {
        await().atMost(PATIENCE)
                .until(() -> sessions("watch").stream().filter("Lock"::equals).count() >= count);
    }

    /** What the sessions of a role wait for. */
    private List<String> sessions(String role) {
        return database.jdbc()
                .sql("select coalesce(wait_event_type, '') from pg_stat_activity"
                        + " where datname = current_database() and application_name like ?")
                .param("mirrored-supervisor " + role + "%")
                .query(String.class)
                .list();
    }

    private int backendOf(String role) {
        return database.jdbc()
                .sql("select pid from pg_stat_activity"
                        + " where datname = current_database() and application_name like ?")
                .param("mirrored-supervisor " + role + "%")
                .query(Integer.class)
                .single();
    }

    private List<String> holdersOf(SessionLock lock) {
        return database.jdbc()
                .sql("select s.application_name from pg_locks l join pg_stat_activity s using (pid)"
                        + " where l.locktype = 'advisory' and l.granted and s.datname = current_database()"
                        + " and (l.classid::bigint << 32) + l.objid::bigint = ? and l.objsubid = 1")
                .param(lock.key())
                .query(String.class)
                .list();
    }

    private long advisoryLocks() {
        return database.jdbc()
                .sql("select count(*) from pg_locks l join pg_stat_activity s using (pid)"
                        + " where l.locktype = 'advisory' and s.datname = current_database()"
                        + " and s.application_name like 'mirrored-supervisor%'")
                .query(Long.class)
                .single();
    }

    private static void lock(Connection connection, long key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select pg_advisory_lock(?)")) {
            statement.setLong(1, key);
            statement.execute();
        }
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
}
