/**
 * A peer's part in one group: which children it owns, and what is to be done when their rows and their runs differ
 * (protocol rules 5 to 9).
 */
@NullMarked
package io.github.mirroredsupervisor.internal.group;

import org.jspecify.annotations.NullMarked;
