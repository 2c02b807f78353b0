/** The database and the nodes on it, as processes that can be disturbed. */
@NullMarked
package io.github.mirroredsupervisor.sample.cluster;

import org.jspecify.annotations.NullMarked;
