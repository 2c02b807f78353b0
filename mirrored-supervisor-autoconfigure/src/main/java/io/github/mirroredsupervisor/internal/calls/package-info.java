/**
 * The calls of the API: each reads a row, writes a command and waits for its answer in the row.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.calls;

import org.jspecify.annotations.NullMarked;
