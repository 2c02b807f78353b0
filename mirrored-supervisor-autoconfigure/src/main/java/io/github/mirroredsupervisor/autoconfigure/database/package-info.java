/**
 * Where the application's own DataSource connects.
 */
@NullMarked
package io.github.mirroredsupervisor.autoconfigure.database;

import org.jspecify.annotations.NullMarked;
