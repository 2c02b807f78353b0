package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.mirroredsupervisor.ChildKind;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.InvalidChildSpecException;
import io.github.mirroredsupervisor.InvalidChildSpecException.Reason;
import io.github.mirroredsupervisor.OutagePolicy;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.Takeover;
import io.github.mirroredsupervisor.internal.postgres.values.SpecJson;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * What a spec is once a real PostgreSQL has kept it: exactly what {@link SpecJson#asStored} said it would be, or
 * refused by it.
 */
class StoredSpecTests {

    private static final Database DATABASE = TestPostgres.migratedDatabase();

    private final SpecJson json = new SpecJson();

    /** On one connection: there are thousands of statements. */
    private static final JdbcClient JDBC = JdbcClient.create(new SingleConnectionDataSource(DATABASE.connect(), true));

    private ChildSpec keptByPostgres(ChildSpec spec) {
        String kept = JDBC.sql("select cast(:text as jsonb)::text")
                .param("text", json.write(spec))
                .query(String.class)
                .single();
        try {
            return json.read(spec.id(), spec.type(), spec.restart(), spec.kind(), kept);
        } catch (SpecJson.UnreadableException e) {
            throw new AssertionError(kept, e);
        }
    }

    private static ChildSpec with(Object argument) {
        return ChildSpec.of("c", "worker").withArguments(Collections.singletonMap("v", argument));
    }

    private Object kept(Object argument) {
        ChildSpec stored = json.asStored(with(argument));
        assertThat(keptByPostgres(stored)).isEqualTo(stored);
        assertThat(keptByPostgres(with(argument))).isEqualTo(stored);
        return stored.arguments().get("v");
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.MIXIN)
    void anySpecComesBackAsItWasSaidToBe(@ForAll("specs") ChildSpec spec) {
        ChildSpec stored = json.asStored(spec);
        assertThat(keptByPostgres(spec)).isEqualTo(stored);
        assertThat(json.asStored(stored)).isEqualTo(stored);
        assertThat(keptByPostgres(stored)).isEqualTo(stored);
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.MIXIN)
    void aNumberKeepsItsValue(@ForAll("decimals") BigDecimal number) {
        assertThat(new BigDecimal(kept(number).toString())).isEqualByComparingTo(number);
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.MIXIN)
    void aDoubleStaysTheSameNumber(@ForAll double number) {
        assertThat(((Number) kept(number)).doubleValue()).isEqualTo(number == 0 ? 0.0 : number);
    }

    @Provide
    Arbitrary<BigDecimal> decimals() {
        return Combinators.combine(
                        Arbitraries.bigIntegers().between(BigInteger.TEN.pow(40).negate(), BigInteger.TEN.pow(40)),
                        Arbitraries.integers().between(-900, 900))
                .as(BigDecimal::new);
    }

    @Provide
    Arbitrary<ChildSpec> specs() {
        Arbitrary<ChildSpec> plain = Combinators.combine(
                        Arbitraries.strings()
                                .withChars("aZ0 -_.:/?é漢\u2028")
                                .ofMinLength(1)
                                .ofMaxLength(255)
                                .filter(id -> !id.isBlank()),
                        arguments(),
                        Arbitraries.of(RestartType.PERMANENT, RestartType.TRANSIENT),
                        durations().injectNull(0.5),
                        shutdowns(),
                        Arbitraries.of(ChildKind.class),
                        Arbitraries.of(Takeover.class),
                        Arbitraries.of(OutagePolicy.class))
                .as((id, arguments, restart, delay, shutdown, kind, takeover, outage) -> ChildSpec.of(id, "worker")
                        .withArguments(arguments)
                        .withRestart(restart)
                        .withRestartDelay(delay)
                        .withKind(kind)
                        .withShutdown(shutdown)
                        .withTakeover(takeover)
                        .withOnOutage(outage));
        return Combinators.combine(
                        plain, durations().filter(d -> !d.isZero()).injectNull(0.5), Arbitraries.of(true, false))
                .as((spec, progress, significant) -> spec.withProgressTimeout(progress)
                        .withSignificant(significant && spec.restart() != RestartType.PERMANENT));
    }

    private static Arbitrary<Duration> durations() {
        return Combinators.combine(
                        Arbitraries.longs().between(0, Long.MAX_VALUE),
                        Arbitraries.integers().between(0, 999_999_999))
                .as(Duration::ofSeconds);
    }

    private static Arbitrary<Shutdown> shutdowns() {
        return Arbitraries.oneOf(
                Arbitraries.of(new Shutdown.Brutal(), new Shutdown.Infinity()),
                durations().map(Shutdown.Timeout::new));
    }

    private static Arbitrary<Map<String, Object>> arguments() {
        return Arbitraries.maps(texts(), values(3)).ofMaxSize(6).map(HashMap::new);
    }

    /** All of Unicode but NUL and the halves of surrogate pairs. */
    private static Arbitrary<String> texts() {
        return Arbitraries.integers()
                .between(1, Character.MAX_CODE_POINT)
                .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
                .list()
                .ofMaxSize(8)
                .map(points -> points.stream().map(Character::toString).reduce("", String::concat));
    }

    private static Arbitrary<Object> values(int depth) {
        Arbitrary<Object> leaves = Arbitraries.oneOf(List.of(
                widen(texts()),
                widen(Arbitraries.integers()),
                widen(Arbitraries.longs()),
                widen(Arbitraries.shorts()),
                widen(Arbitraries.bytes()),
                widen(Arbitraries.doubles()),
                widen(Arbitraries.floats()),
                widen(Arbitraries.bigIntegers()),
                widen(Arbitraries.bigDecimals().ofScale(25)),
                widen(Arbitraries.of(true, false)),
                widen(durations()),
                widen(Arbitraries.longs().between(-1L << 40, 1L << 40).map(Instant::ofEpochMilli)),
                widen(Arbitraries.of(LocalDate.MIN, LocalDate.EPOCH, LocalDate.of(2024, 2, 29))),
                widen(Arbitraries.of(Takeover.class)),
                widen(Arbitraries.of(new Point(1, -0.0, 1e7f), new Point(0, 1e300, Float.MIN_VALUE))),
                widen(Arbitraries.integers().map(n -> new int[] {n, -n})),
                widen(Arbitraries.just(null))));
        if (depth == 0) {
            return leaves;
        }
        return Arbitraries.oneOf(
                leaves,
                values(depth - 1).list().ofMaxSize(4).map(list -> (Object) list),
                Arbitraries.maps(texts(), values(depth - 1)).ofMaxSize(4).map(map -> (Object) new HashMap<>(map)));
    }

    private static <T> Arbitrary<Object> widen(Arbitrary<T> arbitrary) {
        return arbitrary.map(value -> (Object) value);
    }

    private record Point(int x, double y, float z) {}

    @Example
    void numbersAreOneHoweverTheyAreWritten() {
        assertThat(kept(1e7)).isEqualTo(kept(10_000_000)).isEqualTo(kept(new BigDecimal("10000000.00")));
        assertThat(kept(-0.0)).isEqualTo(kept(0)).isEqualTo(kept(0.0f));
        assertThat(kept(1e10)).isEqualTo(10_000_000_000L);
        assertThat(kept(new BigDecimal("0.1"))).isEqualTo(kept(0.1)).isEqualTo(0.1);
        BigDecimal exact = new BigDecimal("0.1000000000000000055511151231257827");
        assertThat(kept(exact)).isEqualTo(exact);
        assertThat(kept(BigInteger.TWO.pow(64))).isEqualTo(BigInteger.TWO.pow(64));
        assertThat(new BigDecimal(kept(Double.MIN_VALUE).toString())).isEqualByComparingTo("4.9E-324");
        assertThat(((Number) kept(Double.MAX_VALUE)).doubleValue()).isEqualTo(Double.MAX_VALUE);
        assertThat(kept(new BigDecimal("1e900"))).isEqualTo(BigInteger.TEN.pow(900));
    }

    /** Set.of iterates in another order in each process, and equal sets are one argument. */
    @Example
    void aSetIsTheSameInWhateverOrderItIteratesToday() {
        List<String> names = List.of("prices", "orders", "Ä", "漢", "a\"b", "1", "10", "9");
        Object kept = kept(new Wrapper(new ReversedSet(names)));
        Collections.reverse(names = Arrays.asList(names.toArray(String[]::new)));
        assertThat(kept(new Wrapper(new ReversedSet(names)))).isEqualTo(kept);
        assertThat(kept(new TreeSet<>(List.of("b", "a")))).isEqualTo(List.of("a", "b"));
        assertThat(kept(new java.util.LinkedHashSet<>(List.of("b", "a")))).isEqualTo(List.of("b", "a"));
    }

    private record Wrapper(Set<String> names) {}

    /** Iterates in the order of a list, and has no order by its type. */
    private static final class ReversedSet extends java.util.AbstractSet<String> {
        private final List<String> elements;

        ReversedSet(List<String> elements) {
            this.elements = List.copyOf(elements);
        }

        @Override
        public java.util.Iterator<String> iterator() {
            return elements.iterator();
        }

        @Override
        public int size() {
            return elements.size();
        }
    }

    @Example
    void whatWouldNotComeBackAsItIsIsRefusedByItsPlace() {
        Map<Object, Object> twice = new LinkedHashMap<>();
        twice.put(1, "number");
        twice.put("1", "text");
        Map<Object, String> refused = new LinkedHashMap<>();
        refused.put(Double.NaN, "arguments.v is NaN");
        refused.put(List.of(1, Float.NEGATIVE_INFINITY), "arguments.v[1] is -Infinity");
        refused.put("a\0b", "arguments.v contains the NUL");
        refused.put("a\uD83D", "arguments.v contains half");
        refused.put(Map.of("k\uDE00", 1), "a name in arguments.v contains half");
        refused.put(new BigDecimal("1e991"), "digits");
        refused.put(new BigDecimal("1e-100000"), "digits");
        refused.put(BigInteger.TEN.pow(200_000), "");
        refused.put(twice, "uplicate");
        refused.put("x".repeat(1_000_001), "characters");
        refused.put(new Object(), "");
        refused.put((Runnable) () -> {}, "");
        refused.put(Thread.currentThread(), "");
        refused.forEach((argument, message) -> assertThatThrownBy(() -> json.asStored(with(argument)))
                .as("%s: %s", argument.getClass(), message)
                .isInstanceOfSatisfying(
                        InvalidChildSpecException.class,
                        e -> assertThat(e.violations()).singleElement().satisfies(violation -> {
                            assertThat(violation.reason()).isEqualTo(Reason.INVALID_ARGUMENTS);
                            assertThat(violation.message()).contains(message).hasSizeLessThan(2000);
                        })));
    }
}
