/**
 * One private connection: its session, its time-outs, and what becomes of its failures.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.postgres.connection;

import org.jspecify.annotations.NullMarked;
