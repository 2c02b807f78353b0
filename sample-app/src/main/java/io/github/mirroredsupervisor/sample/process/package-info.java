/** Processes of this machine: how they are started and signalled, and what ends them when the launcher does not. */
@NullMarked
package io.github.mirroredsupervisor.sample.process;

import org.jspecify.annotations.NullMarked;
