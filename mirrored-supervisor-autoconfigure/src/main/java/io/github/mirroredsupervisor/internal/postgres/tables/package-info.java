/**
 * The SQL, in one place per table.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.postgres.tables;

import org.jspecify.annotations.NullMarked;
