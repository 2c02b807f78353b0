/**
 * Hints that spare a peer the wait for the next heartbeat: notifications, and the watch over a neighbour's session
 * (protocol rule 10). Nothing here is evidence.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.sessions;

import org.jspecify.annotations.NullMarked;
