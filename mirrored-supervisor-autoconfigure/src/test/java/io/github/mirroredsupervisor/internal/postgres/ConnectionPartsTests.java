package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.postgres.announcements.Channels;
import io.github.mirroredsupervisor.internal.postgres.announcements.Notifications;
import io.github.mirroredsupervisor.internal.postgres.announcements.Notifications.Message;
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
import java.util.stream.IntStream;
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
        String odd = "a|b,\"c\"";
        PeerId peer = PeerId.random();

        assertThat(read(others, mine.toMembers(odd, Set.of("child", "x")))).containsExactly(hint(odd, "child", "x"));
        assertThat(read(others, mine.toMembers(List.of("one", "two")))).containsExactly(hint("one"), hint("two"));
        assertThat(read(others, mine.toPeer(peer, "group", Set.of("child")))).containsExactly(hint("group", "child"));
        assertThat(others.read(mine.everything("channel").payload())).hasValue(Hint.EVERYTHING);
        assertThat(read(mine, mine.toMembers("group", Set.of("child")))).isEmpty();
    }

    @Test
    void anAnswerGoesToThoseThatAskedAndOnce() {
        PeerId me = PeerId.random();
        PeerId you = PeerId.random();
        Notifications mine = new Notifications("me");
        Notifications yours = new Notifications("you");
        mine.listensAs(me);

        assertThat(mine.askPeer(me, "group", Set.of("child"))).isEmpty();
        assertThat(yours.answer("group", Set.of("child"))).isEmpty();
        assertThat(read(yours, mine.askPeer(you, "group", Set.of("child")))).containsExactly(hint("group", "child"));
        assertThat(yours.answer("group", Set.of("other"))).isEmpty();
        assertThat(yours.answer("else", Set.of("child"))).isEmpty();
        List<Message> answers = yours.answer("group", Set.of("child", "other"));
        assertThat(answers).extracting(Message::channel).containsExactly(Channels.ofPeer(me));
        assertThat(read(mine, answers)).containsExactly(new Hint("group", Set.of(), true));
        assertThat(yours.answer("group", Set.of("child"))).isEmpty();

        mine.listensAs(null); // nobody would hear the answer
        read(yours, mine.askPeer(you, "group", Set.of("child")));
        assertThat(mine.await(you, "group", "child")).isEmpty();
        assertThat(yours.answer("group", Set.of("child"))).isEmpty();
    }

    /** Any user of the database may send hints. */
    @Test
    void ofThoseThatAskOnlySomeAreRemembered() {
        Notifications hints = new Notifications("me");
        for (int i = 0; i < 5000; i++) {
            hints.read(ask("c" + i));
            hints.read(ask("one"));
        }
        assertThat(hints.answer("g", Set.of("one"))).hasSizeBetween(1, 10);
        assertThat(IntStream.range(0, 5000)
                        .filter(i -> !hints.answer("g", Set.of("c" + i)).isEmpty())
                        .count())
                .isBetween(500L, 1000L);
    }

    private static String ask(String childId) {
        String text = "{'from':'x','group':'g','children':['" + childId + "'],'asker':'" + UUID.randomUUID() + "'}";
        return text.replace('\'', '"');
    }

    @Test
    void hintsFitIntoANotification() {
        Notifications mine = new Notifications("me");
        Notifications others = new Notifications("you");
        String huge = "ü".repeat(5000);

        assertThat(read(others, mine.toMembers("group", Set.of(huge)))).containsExactly(hint("group"));
        assertThat(read(others, mine.toMembers(huge, Set.of("child")))).containsExactly(Hint.EVERYTHING);
        assertThat(mine.toMembers("group", Set.of("ü".repeat(3900))))
                .singleElement()
                .satisfies(message -> assertThat(message.payload().getBytes(StandardCharsets.UTF_8))
                        .hasSizeLessThan(8000));
    }

    @Test
    void aChannelIsAPlainNameThatFits() {
        for (String group : List.of("", "g", "\"; drop table x; --", "ü\uD800\0", "g".repeat(1000))) {
            assertThat(Channels.ofGroup(group)).matches("[a-z0-9_]{1,63}").isEqualTo(Channels.ofGroup(group));
        }
        assertThat(Channels.ofPeer(PeerId.random())).matches("[a-z0-9_]{1,63}");
        assertThat(Channels.ofGroup("orders")).isNotEqualTo(Channels.ofGroup("Orders"));
    }

    private static List<Hint> read(Notifications reader, List<Message> messages) {
        return messages.stream()
                .flatMap(message -> reader.read(message.payload()).stream())
                .toList();
    }

    private static Hint hint(String group, String... childIds) {
        return new Hint(group, Set.of(childIds), false);
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
                "{\"from\":\"x\",\"asker\":\"me\"}",
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
        Notifications others = new Notifications("you");
        others.listensAs(PeerId.random());
        String hint = others.askMembers("group", Set.of("one", "two", "ü\uD800"))
                .get(0)
                .payload();
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
