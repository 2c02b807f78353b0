/** One private connection: its session, its time-outs, and how its failures are handled. */
@NullMarked
package io.github.mirroredsupervisor.internal.postgres.connection;

import org.jspecify.annotations.NullMarked;
