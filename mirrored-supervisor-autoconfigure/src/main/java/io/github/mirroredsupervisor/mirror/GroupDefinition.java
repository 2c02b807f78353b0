package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.ChildSpec;
import java.util.List;
import java.util.Map;

/**
 * One group of this peer: its settings and what the application registered for it.
 *
 * @param settings the group's flags
 * @param types every type this peer can run, static children's included, by name
 * @param staticChildren the declared children in their order
 */
public record GroupDefinition(
        GroupSettings settings, Map<String, ChildFactory> types, List<ChildSpec> staticChildren) {}
