/**
 * How a peer stays a member, and how it sees that others no longer are: renewals and the watchdog, observations and
 * death certificates, and hints that shorten the wait for the next renewal and are never evidence (protocol rules 1 to
 * 4 and 10).
 */
@NullMarked
package io.github.mirroredsupervisor.internal.liveness;

import org.jspecify.annotations.NullMarked;
