/** The store on PostgreSQL: the statements of each of a peer's threads, over its own connection. */
@NullMarked
package io.github.mirroredsupervisor.internal.postgres.sessions;

import org.jspecify.annotations.NullMarked;
