package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.postgres.announcements.Notifications;
import io.github.mirroredsupervisor.internal.postgres.connection.Timeouts;
import io.github.mirroredsupervisor.internal.postgres.server.ServerCheck;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.internal.postgres.source.JdbcUrls;
import io.github.mirroredsupervisor.internal.store.NotificationSession.Hint;
import io.github.mirroredsupervisor.testing.TestStores;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The parts of the connections that need no server. */
class ConnectionPartsTests {

    @ParameterizedTest
    @CsvSource({"PostgreSQL,14", "PostgreSQL,18", "PostgreSQL,99"})
    void serversThatCanHoldTheStoreAreAccepted(String product, int version) {
        assertThat(ServerCheck.productProblem(product, version)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"PostgreSQL,13,14 or later", "PostgreSQL,9,14 or later", "H2,14,this is H2"})
    void otherServersAreRefusedWithAReason(String product, int version, String reason) {
        assertThat(ServerCheck.productProblem(product, version))
                .hasValueSatisfying(problem -> assertThat(problem).contains(reason));
    }

    @Test
    void standbysAndReadOnlyServersAreRefusedWithAReason() {
        assertThat(ServerCheck.standingProblem(false, false)).isEmpty();
        assertThat(ServerCheck.standingProblem(true, true))
                .hasValueSatisfying(problem -> assertThat(problem).contains("standby"));
        assertThat(ServerCheck.standingProblem(false, true))
                .hasValueSatisfying(problem -> assertThat(problem).contains("read-only"));
    }

    @ParameterizedTest
    @ValueSource(longs = {600, 1000, 3000, 15000, 60000})
    void threeRenewalsFitBeforeThePermissionEnds(long leaseMillis) {
        Duration lease = Duration.ofMillis(leaseMillis);
        Duration interval = lease.dividedBy(5);
        Timeouts bounds = Timeouts.of(lease, interval);

        Duration worst = interval.plus(bounds.renewal().multipliedBy(3));

        assertThat(worst).isLessThanOrEqualTo(lease.minus(lease.dividedBy(6)));
        assertThat(bounds.renewal()).isGreaterThanOrEqualTo(Duration.ofMillis(100));
        assertThat(bounds.certificateLock()).isLessThan(lease.dividedBy(5));
        assertThat(bounds.lockWait()).isLessThan(bounds.work());
    }

    @Test
    void parametersOfTheUrlAreRemovedByName() {
        Set<String> names = Set.of("socketTimeout", "options");
        assertThat(JdbcUrls.without("jdbc:postgresql://h/d", names)).isEqualTo("jdbc:postgresql://h/d");
        assertThat(JdbcUrls.without("jdbc:postgresql://h/d?socketTimeout=9", names))
                .isEqualTo("jdbc:postgresql://h/d");
        assertThat(JdbcUrls.without("jdbc:postgresql://h/d?ssl=true&options=-c%20a=b&sslmode=require", names))
                .isEqualTo("jdbc:postgresql://h/d?ssl=true&sslmode=require");
    }

    @Test
    void severalHostsAreSeen() {
        assertThat(JdbcUrls.hasSeveralHosts("jdbc:postgresql://one:5432,two:5432/db"))
                .isTrue();
        assertThat(JdbcUrls.hasSeveralHosts("jdbc:postgresql://one/db?x=a,b")).isFalse();
        assertThat(JdbcUrls.hasSeveralHosts("jdbc:postgresql:db")).isFalse();
    }

    @Test
    void settingsDoNotTellSecrets() {
        ConnectionSettings settings = TestStores.settings(
                "jdbc:postgresql://h/d?password=hidden", "user", "hidden", Map.of("sslpassword", "hidden"));
        assertThat(settings.toString()).contains("jdbc:postgresql://h/d").doesNotContain("hidden");
    }

    @Test
    void hintsAreReadByOthersAndNotByTheirSender() {
        Notifications mine = new Notifications("me");
        Notifications others = new Notifications("you");

        assertThat(others.read(mine.of("a|b,\"c\"", Set.of("child", "x")))).hasValue(hint("a|b,\"c\"", "child", "x"));
        assertThat(others.read(mine.of("group"))).hasValue(hint("group"));
        assertThat(others.read(mine.answered("group"))).hasValue(new Hint("group", Set.of(), true, null));
        UUID peer = UUID.randomUUID();
        assertThat(others.read(mine.handedTo(peer, "group", Set.of("child"))))
                .hasValue(new Hint("group", Set.of("child"), false, new PeerId(peer)));
        assertThat(others.read(mine.everything())).hasValue(Hint.EVERYTHING);
        assertThat(mine.read(mine.of("group", Set.of("child")))).isEmpty();
    }

    @Test
    void hintsFitIntoANotification() {
        Notifications mine = new Notifications("me");
        Notifications others = new Notifications("you");
        String huge = "ü".repeat(5000);

        assertThat(others.read(mine.of("group", Set.of(huge)))).hasValue(hint("group"));
        assertThat(others.read(mine.of(huge, Set.of("child")))).hasValue(Hint.EVERYTHING);
        assertThat(mine.of("group", Set.of("ü".repeat(3900))).getBytes(StandardCharsets.UTF_8))
                .hasSizeLessThan(8000);
    }

    private static Hint hint(String group, String... childIds) {
        return new Hint(group, Set.of(childIds), false, null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "null", "[]", "look", "7"})
    void whatCannotBeReadMeansToLookEverywhere(String payload) {
        assertThat(new Notifications("me").read(payload)).hasValue(Hint.EVERYTHING);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"from\":\"x\",\"children\":[null]}",
                "{\"from\":\"x\",\"children\":null}",
                "{\"from\":\"x\",\"children\":\"one\"}",
                "{\"from\":\"x\",\"children\":[[]]}",
                "{\"from\":\"x\",\"children\":{}}",
                "{\"from\":\"x\",\"peer\":\"me\"}",
                "{\"from\":\"x\",\"answered\":\"maybe\"}",
                "{\"from\":[\"x\"]}",
                "{\"from\":\"x\"",
                "{\"from\":\"x\"} {"
            })
    void whatIsWrongInAHintMeansToLookEverywhere(String payload) {
        assertThat(new Notifications("me").read(payload)).hasValue(Hint.EVERYTHING);
    }

    /** Whatever is cut out of a hint, put into it or repeated in it. */
    @Test
    void noPayloadMakesTheReaderThrow() {
        Random random = new Random(5);
        Notifications hints = new Notifications("me");
        String hint = new Notifications("you").handedTo(UUID.randomUUID(), "group", Set.of("one", "two", "ü\uD800"));
        List<String> pieces = List.of(
                "null",
                "[",
                "]",
                "{",
                "}",
                "\"",
                "\\u0000",
                ",",
                ":",
                "-",
                "1e999999",
                "9".repeat(2000),
                "\uDC00",
                "\u0000",
                "NaN",
                "\"from\":",
                "\"children\":",
                "[null]",
                "[".repeat(3000),
                "{\"a\":".repeat(1000),
                "true",
                "/*",
                "'");
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(hint);
            for (int changes = random.nextInt(1, 6); changes > 0; changes--) {
                int from = random.nextInt(text.length() + 1);
                int to = Math.min(text.length(), from + random.nextInt(12));
                text.replace(from, to, random.nextBoolean() ? pieces.get(random.nextInt(pieces.size())) : "");
            }
            assertThatCode(() -> hints.read(text.toString()))
                    .as(text.toString())
                    .doesNotThrowAnyException();
        }
    }
}
