package io.github.mirroredsupervisor.internal.context;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One group of this peer: its settings and what the application registered for it.
 *
 * @param settings the group's flags
 * @param types every type this peer can run, static children's included, by name
 * @param staticChildren the declared children in their order
 * @param origin identifies the application if no group name was configured and there are declared children; null
 *     otherwise
 */
public record GroupDefinition(
        GroupSettings settings,
        Map<String, ChildFactory> types,
        List<ChildSpec> staticChildren,
        @Nullable String origin) {

    /** A group with a configured name. */
    public GroupDefinition(GroupSettings settings, Map<String, ChildFactory> types, List<ChildSpec> staticChildren) {
        this(settings, types, staticChildren, null);
    }
}
