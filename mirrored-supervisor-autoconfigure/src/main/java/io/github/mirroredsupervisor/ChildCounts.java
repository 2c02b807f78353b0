package io.github.mirroredsupervisor;

/**
 * OTP's count_children over the whole group (semantics rows A48, B23).
 *
 * @param specs all children, running or not; always {@code supervisors + workers}
 * @param active children that a live peer is running
 * @param supervisors children of kind {@link ChildKind#SUPERVISOR}
 * @param workers children of kind {@link ChildKind#WORKER}
 */
public record ChildCounts(long specs, long active, long supervisors, long workers) {}
