/**
 * The process as one peer: how it joins and leaves, its incarnations and its threads.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.peer;

import org.jspecify.annotations.NullMarked;
