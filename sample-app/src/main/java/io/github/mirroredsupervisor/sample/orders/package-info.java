/** The business around the relays: orders come in, and every delivery is checked. */
@NullMarked
package io.github.mirroredsupervisor.sample.orders;

import org.jspecify.annotations.NullMarked;
