package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedMethod;

import io.github.mirroredsupervisor.testing.MutantBuild;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * The tests of the store see what they are there to see: without a condition, a lock or an order of the SQL that ships,
 * the test that the mutant names fails. With {@code -Dmirrored-supervisor.sql-mutants.all} all tests of the store run
 * against each, and those that fail are printed.
 */
class SqlMutantTests {

    private static final boolean ALL = Boolean.getBoolean("mirrored-supervisor.sql-mutants.all");

    private static final List<Class<?>> TESTS = List.of(
            PostgresStoreTests.class,
            PostgresStoreRaceTests.class,
            PeerRaceTests.class,
            OwnershipRaceTests.class,
            FencingTokenTests.class,
            FoundingTests.class,
            UndeclaredRowsTests.class,
            SessionLockTests.class);

    @ParameterizedTest
    @EnumSource
    void isCaught(SqlMutant mutant, @TempDir Path folder) throws Exception {
        try (MutantBuild build = new MutantBuild(mutant.changes(), folder)) {
            if (ALL) {
                System.out.println(mutant + ": caught by " + failures(build, everything(build)));
            } else {
                assertThat(failures(build, List.of(method(build.load(mutant.test()), mutant.method()))))
                        .as("rule %s, seen by %s", mutant.rule(), mutant.method())
                        .isNotEmpty();
            }
        }
    }

    /** Whatever its parameters, and wherever it is inherited from: the contract has classes of its own by topic. */
    private static DiscoverySelector method(Class<?> test, String name) {
        for (Class<?> type = test; type != null; type = type.getSuperclass()) {
            for (Class<?> topic : type.getDeclaredClasses()) {
                Optional<Method> method = declared(topic, name);
                if (method.isPresent()) {
                    return selectNestedMethod(List.of(test), topic, method.get());
                }
            }
        }
        return selectMethod(test, declared(test, name).orElseThrow(() -> new IllegalStateException(name)));
    }

    private static Optional<Method> declared(Class<?> test, String name) {
        return Stream.<Class<?>>iterate(test, Objects::nonNull, Class::getSuperclass)
                .flatMap(type -> Stream.of(type.getDeclaredMethods()))
                .filter(method -> method.getName().equals(name))
                .findFirst();
    }

    private static List<DiscoverySelector> everything(MutantBuild build) throws ClassNotFoundException {
        List<DiscoverySelector> all = new ArrayList<>();
        for (Class<?> test : TESTS) {
            all.add(selectClass(build.load(test)));
        }
        return all;
    }

    /** The names of the tests that failed. */
    private static TreeSet<String> failures(MutantBuild build, List<DiscoverySelector> tests) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(tests)
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
                .build();
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(build.loader());
        try {
            LauncherFactory.create().execute(request, summary);
        } finally {
            thread.setContextClassLoader(before);
        }
        assertThat(summary.getSummary().getTestsFoundCount()).isPositive();
        return summary.getSummary().getFailures().stream()
                .map(failure -> failure.getTestIdentifier().getLegacyReportingName())
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
