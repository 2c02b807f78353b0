/**
 * The interfaces of the store, by role, and the worker that runs tasks on one of its connections. Implemented on
 * PostgreSQL and by the simulation.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.store;

import org.jspecify.annotations.NullMarked;
