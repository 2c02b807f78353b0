/**
 * How long this process may run children, and when other peers certainly may not run theirs any more (protocol rules 1
 * to 3).
 */
@NullMarked
package io.github.mirroredsupervisor.internal.lease;

import org.jspecify.annotations.NullMarked;
