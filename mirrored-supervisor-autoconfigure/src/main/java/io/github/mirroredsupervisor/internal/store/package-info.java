/**
 * The interfaces of the store, by role, and the rows that a peer reads and writes. Implemented on PostgreSQL and by the
 * simulation.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.store;

import org.jspecify.annotations.NullMarked;
