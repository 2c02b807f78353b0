/**
 * The store on PostgreSQL: what each of a peer's threads asks over its own connection.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.postgres.sessions;

import org.jspecify.annotations.NullMarked;
