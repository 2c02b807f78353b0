/** The measurement: faults on a cluster of its own, and what they cost. */
@NullMarked
package io.github.mirroredsupervisor.sample.measure;

import org.jspecify.annotations.NullMarked;
