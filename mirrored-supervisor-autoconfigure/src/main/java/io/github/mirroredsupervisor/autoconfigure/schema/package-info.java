/**
 * The schema and its migration.
 */
@NullMarked
package io.github.mirroredsupervisor.autoconfigure.schema;

import org.jspecify.annotations.NullMarked;
