/** A network between the nodes and their database that can be disturbed. */
@NullMarked
package io.github.mirroredsupervisor.sample.proxy;

import org.jspecify.annotations.NullMarked;
