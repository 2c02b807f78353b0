/**
 * The SQL of the children: reads, commands, grants, reports, fences, and their tokens.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.postgres.children;

import org.jspecify.annotations.NullMarked;
