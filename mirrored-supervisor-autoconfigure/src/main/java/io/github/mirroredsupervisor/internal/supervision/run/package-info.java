/**
 * The runs of children: threads, contexts, forced stops and fences, and the loop that feeds the supervisor's decisions.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.supervision.run;

import org.jspecify.annotations.NullMarked;
