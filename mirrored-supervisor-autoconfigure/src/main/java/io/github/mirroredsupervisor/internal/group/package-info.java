/**
 * A peer's part in one group: one loop that owns the state of the group's children and acts on them (protocol rules 5
 * to 9).
 */
@NullMarked
package io.github.mirroredsupervisor.internal.group;

import org.jspecify.annotations.NullMarked;
