/**
 * What a peer runs on: the clock, threads and loops, behind interfaces that a simulation can play.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.platform;

import org.jspecify.annotations.NullMarked;
