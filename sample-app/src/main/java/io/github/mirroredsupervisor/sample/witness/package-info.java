/** Evidence from outside the database: which process ran which child when, and what follows from it. */
@NullMarked
package io.github.mirroredsupervisor.sample.witness;

import org.jspecify.annotations.NullMarked;
