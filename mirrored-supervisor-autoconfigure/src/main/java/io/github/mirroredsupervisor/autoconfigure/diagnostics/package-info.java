/**
 * Explains failed starts: what happened, and what to do.
 */
@NullMarked
package io.github.mirroredsupervisor.autoconfigure.diagnostics;

import org.jspecify.annotations.NullMarked;
