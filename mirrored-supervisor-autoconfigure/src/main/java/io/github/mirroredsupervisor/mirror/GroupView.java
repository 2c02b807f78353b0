package io.github.mirroredsupervisor.mirror;

import java.util.List;

/** One group as read for reconciliation: the group, its members, and the children to act on, in start order. */
public record GroupView(GroupRow group, List<MemberRow> members, List<ChildRow> children) {}
