/**
 * The SQL of the peers, of the groups, and of who is a member of which.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.postgres.membership;

import org.jspecify.annotations.NullMarked;
