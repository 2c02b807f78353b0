package io.github.mirroredsupervisor.autoconfigure.children;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.autoconfigure.children.ChildDefinition.Source;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.internal.context.ChildFactory;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The children and types that the application registered, by group. */
public final class ChildRegistry {

    /** Specs of one bean stay together, in the order in which the bean lists them. */
    private static final Comparator<ChildDefinition> DECLARED_ORDER = Comparator.comparingInt(ChildDefinition::order)
            .thenComparing(ChildRegistry::placeName)
            .thenComparingInt(ChildDefinition::position);

    private final List<ChildDefinition> definitions;

    /**
     * Checks the discovered definitions.
     *
     * @throws SupervisorStartException if a group has two beans for one name, two children of one id, or a child of a
     *     type that it does not have
     */
    public ChildRegistry(List<ChildDefinition> definitions, Collection<String> groups) {
        this.definitions = definitions;
        for (String group : groups) {
            refuseDuplicateNames(group);
            refuseDuplicateIds(group);
            of(group).stream()
                    .filter(definition -> definition.source() == Source.SPEC)
                    .forEach(definition -> refuseUnknownType(group, definition));
        }
    }

    private static String placeName(ChildDefinition definition) {
        ChildSpec spec = definition.spec();
        return definition.position() > 0 || spec == null || definition.source() == Source.SPEC
                ? definition.beanName()
                : spec.id();
    }

    public boolean isEmpty() {
        return definitions.isEmpty();
    }

    /** The beans that are static children. */
    List<String> staticBeanNames() {
        return definitions.stream()
                .filter(definition -> definition.source() == Source.CHILD)
                .map(ChildDefinition::beanName)
                .toList();
    }

    /** The ids of all declared children. */
    Set<String> staticIds() {
        return definitions.stream()
                .map(ChildDefinition::spec)
                .filter(Objects::nonNull)
                .map(ChildSpec::id)
                .collect(Collectors.toSet());
    }

    public GroupDefinition group(GroupSettings settings, Function<String, ChildFactory> factories) {
        Map<String, ChildFactory> types = new LinkedHashMap<>();
        of(settings.name()).stream()
                .filter(ChildDefinition::isRunnable)
                .forEach(definition -> types.put(definition.type(), factories.apply(definition.beanName())));
        List<ChildDefinition> declared = of(settings.name()).stream()
                .filter(definition -> definition.spec() != null)
                .sorted(DECLARED_ORDER)
                .toList();
        if (settings.policies().autoShutdown() == GroupPolicies.AutoShutdown.NEVER) {
            declared.forEach(child -> refuseIfSignificant(settings.name(), child));
        }
        return new GroupDefinition(
                settings,
                types,
                declared.stream()
                        .map(ChildDefinition::spec)
                        .filter(Objects::nonNull)
                        .toList());
    }

    /**
     * Semantics row A4: OTP's bad combination of a significant child and a supervisor that never shuts down by itself.
     */
    private static void refuseIfSignificant(String group, ChildDefinition child) {
        ChildSpec spec = child.spec();
        if (spec != null && spec.significant()) {
            throw new SupervisorStartException(
                    Problem.INVALID_CHILD,
                    "Child '" + spec.id() + "', declared on " + child.description()
                            + ", is significant, and its group '" + group + "' never shuts down by itself.",
                    "Set auto-shutdown of the group to any-significant or all-significant, or leave significant out.");
        }
    }

    private List<ChildDefinition> of(String group) {
        return definitions.stream()
                .filter(definition -> definition.belongsTo(group))
                .toList();
    }

    /**
     * Each name belongs to one bean: a stored spec could not distinguish a type from a static child of the same name.
     */
    private void refuseDuplicateNames(String group) {
        Map<String, ChildDefinition> byType = new LinkedHashMap<>();
        for (ChildDefinition definition : of(group)) {
            if (definition.isRunnable()) {
                refuseSecond(
                        group,
                        "name",
                        definition.type(),
                        byType.putIfAbsent(definition.type(), definition),
                        definition);
            }
        }
    }

    private void refuseDuplicateIds(String group) {
        Map<String, ChildDefinition> byId = new LinkedHashMap<>();
        for (ChildDefinition definition : of(group)) {
            ChildSpec spec = definition.spec();
            if (spec != null) {
                refuseSecond(group, "id", spec.id(), byId.putIfAbsent(spec.id(), definition), definition);
            }
        }
    }

    private static void refuseSecond(
            String group, String what, String name, @Nullable ChildDefinition first, ChildDefinition second) {
        if (first != null) {
            throw new SupervisorStartException(
                    Problem.DUPLICATE_CHILD,
                    "In the group '" + group + "' the " + what + " '" + name + "' is given twice: to "
                            + first.description() + " and to " + second.description() + ".",
                    "Give each of them a name of its own, or put them in different groups.");
        }
    }

    private void refuseUnknownType(String group, ChildDefinition child) {
        List<ChildDefinition> named = of(group).stream()
                .filter(ChildDefinition::isRunnable)
                .filter(definition -> definition.type().equals(child.type()))
                .toList();
        if (named.stream().anyMatch(definition -> definition.source() == Source.TYPE)) {
            return;
        }
        List<String> types = of(group).stream()
                .filter(definition -> definition.source() == Source.TYPE)
                .map(ChildDefinition::type)
                .sorted()
                .toList();
        throw new SupervisorStartException(
                Problem.INVALID_CHILD,
                "Child '" + Objects.requireNonNull(child.spec()).id() + "', declared on " + child.description()
                        + ", is of the type '" + child.type() + "', which "
                        + (named.isEmpty()
                                ? "the group '" + group + "' does not have."
                                : "is a child itself: " + named.get(0).description() + ".")
                        + " The group's types are: " + (types.isEmpty() ? "none" : String.join(", ", types)) + ".",
                "Correct the name, or annotate a bean with @MirroredChildType(\"" + child.type() + "\").");
    }
}
