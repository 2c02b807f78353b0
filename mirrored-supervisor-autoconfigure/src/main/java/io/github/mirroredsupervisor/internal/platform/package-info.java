/** The clock, threads and loops of a peer, behind interfaces that a simulation can implement. */
@NullMarked
package io.github.mirroredsupervisor.internal.platform;

import org.jspecify.annotations.NullMarked;
