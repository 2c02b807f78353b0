package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.mirroredsupervisor.internal.lease.LeaseTimings;
import io.github.mirroredsupervisor.internal.lease.LeaseTimings.Profile;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.testing.TestStores;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What people and servers read does not depend on the language of the machine. The build runs this and others under
 * another one.
 */
class ForeignLocaleTests extends StoreTest {

    private static final String LANGUAGE = System.getProperty("user.language");

    @Test
    void theLocaleIsTheOneThatTheBuildAskedFor() {
        assumeThat(LANGUAGE).isEqualTo("tr");
        assertThat("TITLE".toLowerCase()).isNotEqualTo("title");
        assertThat(String.format("%d", 1)).isNotEqualTo("1");
    }

    @Test
    void theWorstCasesAreToldInPlainDigits() {
        for (Profile profile : Profile.values()) {
            assertThat(LeaseTimings.resolve(profile, null, null, null).worstCases(true))
                    .matches("\\p{ASCII}*");
        }
    }

    @Test
    void everySessionOpensAndAnswers() {
        Duration odd = Duration.ofMillis(7_001);
        PostgresStore store = new PostgresStore(TestStores.settings(database, odd));
        opened(store.openWork()).join(request(a, Set.of("relay"), List.of(spec("one"))));
        assertThat(opened(store.openRenewals()).renew(a).renewed()).isTrue();
        assertThat(opened(store.openHints(Set.of(GROUP))).await(a, Duration.ofSeconds(1)))
                .isNotNull();
    }
}
