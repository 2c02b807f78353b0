/** What the parts of a peer share: the peer itself, what the application registered, and a group loop's timers. */
@NullMarked
package io.github.mirroredsupervisor.internal.context;

import org.jspecify.annotations.NullMarked;
