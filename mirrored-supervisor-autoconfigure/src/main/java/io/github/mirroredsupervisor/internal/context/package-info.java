/** What the parts of a peer share: the peer itself, what the application registered, and the timers of a group's loop. */
@NullMarked
package io.github.mirroredsupervisor.internal.context;

import org.jspecify.annotations.NullMarked;
