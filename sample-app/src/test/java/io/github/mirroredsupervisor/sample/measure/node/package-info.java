/** The children and the node that are measured. */
@NullMarked
package io.github.mirroredsupervisor.sample.measure.node;

import org.jspecify.annotations.NullMarked;
