package io.github.mirroredsupervisor.internal.store.rows;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One group as read for reconciliation: the group, its members, and the children to act on, in start order.
 *
 * @param group null if its row was deleted
 * @param members without the numbers of their children
 */
public record GroupView(@Nullable GroupRow group, List<MemberRow> members, List<ChildRow> children) {}
