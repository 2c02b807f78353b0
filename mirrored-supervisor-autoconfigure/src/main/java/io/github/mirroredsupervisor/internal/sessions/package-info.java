/**
 * Hints, so that a peer need not wait for the next heartbeat: notifications, and the watch over a neighbour's session
 * (protocol rule 10). No hint is evidence.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.sessions;

import org.jspecify.annotations.NullMarked;
