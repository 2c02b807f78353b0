/**
 * The runs of children: threads, contexts, forced stops and fences; and the supervisor that carries out the core's
 * decisions.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.supervision.run;

import org.jspecify.annotations.NullMarked;
