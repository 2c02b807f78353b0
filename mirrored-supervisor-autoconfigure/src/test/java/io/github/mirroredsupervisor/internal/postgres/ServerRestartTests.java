package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.NotificationSession.Hint;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.DedicatedPostgres;
import io.github.mirroredsupervisor.testing.TestStores;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The sessions through restarts of the server. */
class ServerRestartTests {

    @Test
    void sessionsComeBackAndSeeThatTheServerIsAnother() {
        try (DedicatedPostgres server = new DedicatedPostgres()) {
            Database database = server.database().migrated();
            PostgresStore store = new PostgresStore(TestStores.settings(database));
            var me = io.github.mirroredsupervisor.PeerId.random();
            try (WorkSession work = store.openWork();
                    RenewalSession renewals = store.openRenewals();
                    NotificationSession hints = store.openHints(Set.of("orders"))) {
                work.join(StoreTest.request(me, Set.of("relay"), List.of()));
                hints.await(me, Duration.ofSeconds(10));
                String first = renewals.renew(me).server();

                server.stopFast();
                assertUnavailable(() -> renewals.renew(me));
                assertUnavailable(() -> renewals.renew(me));
                assertUnavailable(() -> work.group(StoreTest.GROUP));
                assertUnavailable(() -> hints.await(me, Duration.ofSeconds(10)));
                assertUnavailable(() -> hints.await(me, Duration.ofSeconds(10)));

                server.start();
                String second = renewals.renew(me).server();
                assertThat(second).isNotEqualTo(first);
                assertThat(work.group(StoreTest.GROUP)).isPresent();
                assertThat(hints.await(me, Duration.ofSeconds(10))).containsExactly(Hint.EVERYTHING);

                server.stopImmediate();
                assertUnavailable(() -> renewals.renew(me));
                server.start();
                assertThat(renewals.renew(me).renewed()).isTrue();
                assertThat(renewals.renew(me).server()).isNotEqualTo(second);
            }
        }
    }

    private static void assertUnavailable(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(StoreUnavailableException.class);
    }
}
