/**
 * How values are stored: JSON, texts, times, and those that make no sense.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.postgres.values;

import org.jspecify.annotations.NullMarked;
