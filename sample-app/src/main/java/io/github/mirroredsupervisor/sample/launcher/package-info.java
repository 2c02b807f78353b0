/** Processes of the demonstration: the database, the nodes, and what ends them when the launcher does not. */
@NullMarked
package io.github.mirroredsupervisor.sample.launcher;

import org.jspecify.annotations.NullMarked;
