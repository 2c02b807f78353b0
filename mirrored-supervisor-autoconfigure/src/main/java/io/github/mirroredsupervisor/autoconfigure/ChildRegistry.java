package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.autoconfigure.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.mirror.ChildFactory;
import io.github.mirroredsupervisor.mirror.GroupDefinition;
import io.github.mirroredsupervisor.mirror.GroupPolicies;
import io.github.mirroredsupervisor.mirror.GroupSettings;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** What the application registered, by group. */
final class ChildRegistry {

    private static final Comparator<ChildDefinition> DECLARED_ORDER =
            Comparator.comparingInt(ChildDefinition::order).thenComparing(ChildDefinition::type);

    private final List<ChildDefinition> definitions;

    /**
     * Takes what was discovered.
     *
     * @throws SupervisorStartException if a group has two beans for one name
     */
    ChildRegistry(List<ChildDefinition> definitions, Collection<String> groups) {
        this.definitions = definitions;
        groups.forEach(this::refuseDuplicates);
    }

    boolean isEmpty() {
        return definitions.isEmpty();
    }

    /** The beans of static children. */
    List<String> staticBeanNames() {
        return definitions.stream()
                .filter(definition -> definition.spec() != null)
                .map(ChildDefinition::beanName)
                .toList();
    }

    GroupDefinition group(GroupSettings settings, Function<String, ChildFactory> factories) {
        Map<String, ChildFactory> types = new LinkedHashMap<>();
        of(settings.name()).forEach(definition -> types.put(definition.type(), factories.apply(definition.beanName())));
        List<ChildSpec> children = of(settings.name()).stream()
                .sorted(DECLARED_ORDER)
                .map(ChildDefinition::spec)
                .filter(Objects::nonNull)
                .toList();
        if (settings.policies().autoShutdown() == GroupPolicies.AutoShutdown.NEVER) {
            children.forEach(child -> refuseIfSignificant(settings.name(), child));
        }
        return new GroupDefinition(settings, types, children);
    }

    /** Semantics row A4: OTP's bad combination of a significant child and a supervisor that never shuts down by itself. */
    private static void refuseIfSignificant(String group, ChildSpec child) {
        if (child.significant()) {
            throw new SupervisorStartException(
                    Problem.INVALID_CHILD,
                    "@MirroredChild '" + child.id() + "' is significant, and its group '" + group
                            + "' never shuts down by itself.",
                    "Set auto-shutdown of the group to any-significant or all-significant, or leave significant out.");
        }
    }

    private List<ChildDefinition> of(String group) {
        return definitions.stream()
                .filter(definition -> definition.belongsTo(group))
                .toList();
    }

    /** One name, one bean: a stored spec could not tell a type from the static child that is its own type. */
    private void refuseDuplicates(String group) {
        Map<String, ChildDefinition> byType = new LinkedHashMap<>();
        for (ChildDefinition definition : of(group)) {
            ChildDefinition other = byType.putIfAbsent(definition.type(), definition);
            if (other != null) {
                throw new SupervisorStartException(
                        Problem.DUPLICATE_CHILD,
                        "In the group '" + group + "' the name '" + definition.type() + "' is given twice: to "
                                + describe(other) + " and to " + describe(definition) + ".",
                        "Give each of them a name of its own, or put them in different groups.");
            }
        }
    }

    private static String describe(ChildDefinition definition) {
        return "bean '" + definition.beanName() + "' by "
                + (definition.spec() == null ? "@MirroredChildType" : "@MirroredChild");
    }
}
