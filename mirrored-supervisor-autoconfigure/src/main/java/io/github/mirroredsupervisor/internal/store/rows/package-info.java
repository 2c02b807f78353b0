/** The rows that a peer reads and writes, and the requests that it sends with them. */
@NullMarked
package io.github.mirroredsupervisor.internal.store.rows;

import org.jspecify.annotations.NullMarked;
