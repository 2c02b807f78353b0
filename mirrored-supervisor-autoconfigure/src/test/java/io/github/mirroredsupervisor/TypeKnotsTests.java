package io.github.mirroredsupervisor;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Knots of types: sets in which each type reaches each other one. Besides what a type names, it counts as knowing
 *
 * <ul>
 *   <li>whatever implements an interface of the project that it names, and
 *   <li>whoever gives a function to its constructor, as it keeps that one and calls it back.
 * </ul>
 *
 * <p>A function that is passed with another call does not count: it is used at once, or is a task for a thread.
 */
class TypeKnotsTests {

    private static final String INSIDE = "io.github.mirroredsupervisor.internal";

    private static final int LARGEST = 3;

    @Test
    void noKnotIsLarge() {
        List<Set<String>> knots =
                knots(graph(INSIDE, ImportOption.Predefined.DO_NOT_INCLUDE_TESTS, TypeKnotsTests::outermost));
        knots.forEach(knot -> System.out.printf("A knot of %d types: %s%n", knot.size(), knot));
        assertThat(knots.get(0)).hasSizeLessThanOrEqualTo(LARGEST);
    }

    @Test
    void aCallbackAndAnImplementationCloseAKnot() {
        Map<String, Set<String>> graph = graph(
                TypeKnotsTests.class.getPackageName(),
                location -> location.contains("$Knotted"),
                JavaClass::getSimpleName);
        assertThat(knots(graph))
                .containsExactlyInAnyOrder(
                        Set.of("KnottedCallee", "KnottedCaller"), Set.of("KnottedImplementation", "KnottedUser"));
    }

    private static Map<String, Set<String>> graph(String root, ImportOption option, Function<JavaClass, String> name) {
        JavaClasses classes = new ClassFileImporter().withImportOption(option).importPackages(root);
        Map<String, Set<String>> graph = new TreeMap<>();
        for (JavaClass type : classes) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass();
                if (classes.contain(target.getName())) {
                    edge(graph, name.apply(type), name.apply(target));
                    target.getAllSubclasses().stream()
                            .filter(implementation -> target.isInterface())
                            .forEach(implementation -> edge(graph, name.apply(type), name.apply(implementation)));
                }
            }
            for (JavaConstructorCall call : type.getConstructorCallsFromSelf()) {
                boolean givesFunction =
                        call.getTarget().getRawParameterTypes().stream().anyMatch(TypeKnotsTests::isFunctional);
                if (givesFunction && classes.contain(call.getTargetOwner().getName())) {
                    edge(graph, name.apply(call.getTargetOwner()), name.apply(type));
                }
            }
        }
        return graph;
    }

    private static boolean isFunctional(JavaClass type) {
        return type.getPackageName().equals("java.util.function")
                || type.getName().equals(Runnable.class.getName())
                || type.isAnnotatedWith(FunctionalInterface.class);
    }

    private static void edge(Map<String, Set<String>> graph, String from, String to) {
        if (!from.equals(to)) {
            graph.computeIfAbsent(from, type -> new TreeSet<>()).add(to);
        }
    }

    private static String outermost(JavaClass type) {
        String name = type.getName();
        int nested = name.indexOf('$');
        String outermost = nested < 0 ? name : name.substring(0, nested);
        return outermost.substring(outermost.lastIndexOf('.') + 1);
    }

    /** The largest first; by Tarjan's algorithm for strongly connected components. */
    private static List<Set<String>> knots(Map<String, Set<String>> graph) {
        Components components = new Components(graph);
        graph.keySet().forEach(components::visit);
        components.found.sort(
                Comparator.comparing((Set<String> knot) -> knot.size()).reversed());
        return components.found;
    }

    private static final class Components {
        private final Map<String, Set<String>> graph;
        private final Map<String, Integer> numbers = new HashMap<>();
        private final Map<String, Integer> lowest = new HashMap<>();
        private final Deque<String> path = new ArrayDeque<>();
        private final Set<String> onPath = new HashSet<>();
        private final List<Set<String>> found = new ArrayList<>();

        private Components(Map<String, Set<String>> graph) {
            this.graph = graph;
        }

        private void visit(String type) {
            if (numbers.containsKey(type)) {
                return;
            }
            numbers.put(type, numbers.size());
            lowest.put(type, numbers.get(type));
            path.push(type);
            onPath.add(type);
            for (String next : graph.getOrDefault(type, Set.of())) {
                if (!numbers.containsKey(next)) {
                    visit(next);
                    lowest.merge(type, lowest.get(next), Math::min);
                } else if (onPath.contains(next)) {
                    lowest.merge(type, numbers.get(next), Math::min);
                }
            }
            if (lowest.get(type).equals(numbers.get(type))) {
                Set<String> knot = new TreeSet<>();
                String member;
                do {
                    member = path.pop();
                    onPath.remove(member);
                    knot.add(member);
                } while (!member.equals(type));
                if (knot.size() > 1) {
                    found.add(knot);
                }
            }
        }
    }

    /** Takes something to call. */
    static final class KnottedCallee {

        private final Runnable callback;

        KnottedCallee(Runnable callback) {
            this.callback = callback;
        }

        void call() {
            callback.run();
        }
    }

    /** Gives it. */
    static final class KnottedCaller {

        private final KnottedCallee callee = new KnottedCallee(this::called);

        void begin() {
            callee.call();
        }

        private void called() {}
    }

    /** Names an interface. */
    record KnottedUser(KnottedInterface callback) {}

    interface KnottedInterface {

        void called();
    }

    /** Implements it, and names whoever calls it. */
    static final class KnottedImplementation implements KnottedInterface {

        private final KnottedUser user = new KnottedUser(this);

        @Override
        public void called() {
            user.callback().called();
        }
    }
}
