/**
 * What a peer asks of a store, by role, and the rows that it reads and writes. Implemented on PostgreSQL and by the
 * simulation.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.store;

import org.jspecify.annotations.NullMarked;
