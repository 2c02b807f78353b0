/**
 * Fenced transactions on the application's own DataSource.
 */
@NullMarked
package io.github.mirroredsupervisor.autoconfigure.fencing;

import org.jspecify.annotations.NullMarked;
