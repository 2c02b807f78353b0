package io.github.mirroredsupervisor.internal.postgres;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest.Membership;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import io.github.mirroredsupervisor.testing.TestStores;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;

/** A database without rows for each test, and any number of sessions on it. */
abstract class StoreTest {

    static final String GROUP = "orders";

    final Database database = TestPostgres.clearedDatabase(getClass());
    final PeerId a = PeerId.random();
    final PeerId b = PeerId.random();
    final PeerId c = PeerId.random();

    private final Queue<AutoCloseable> opened = new ConcurrentLinkedQueue<>();

    @AfterEach
    void closeSessions() throws Exception {
        for (AutoCloseable session : opened) {
            session.close();
        }
    }

    Store store() {
        return new PostgresStore(TestStores.settings(database));
    }

    /** A new one with each call, as each thread needs its own. */
    WorkSession work() {
        return opened(store().openWork());
    }

    RenewalSession renewals() {
        return opened(store().openRenewals());
    }

    <S extends AutoCloseable> S opened(S session) {
        opened.add(session);
        return session;
    }

    static JoinRequest request(PeerId peer, Set<String> types, List<ChildSpec> staticChildren) {
        GroupSettings flags = new GroupSettings(GROUP, Strategy.ONE_FOR_ONE, 1, Duration.ofSeconds(5), Duration.ZERO);
        return new JoinRequest(
                peer,
                new PeerRef(peer, "label", "host", 1),
                TestStores.LEASE,
                Duration.ofMillis(500),
                List.of(new Membership(flags, types, staticChildren)));
    }

    static ChildSpec spec(String id) {
        return ChildSpec.of(id, "relay");
    }

    static ChildRow row(WorkSession work, String id) {
        return work.rows(GROUP, Set.of(id)).get(0);
    }

    static List<OwnedToken> expected(Collection<ChildRow> rows) {
        return rows.stream()
                .map(row -> new OwnedToken(row.id(), row.owner(), row.token()))
                .toList();
    }

    static Map<String, Long> grant(WorkSession work, PeerId me, Collection<OwnedToken> expected) {
        return work.grant(GROUP, me, expected, StartCause.FAILED_OVER, Map.of());
    }
}
