/**
 * The laboratory: faults on a cluster of its own, and what they cost. Begin at
 * {@link io.github.mirroredsupervisor.sample.measure.Laboratory}.
 */
@NullMarked
package io.github.mirroredsupervisor.sample.measure;

import org.jspecify.annotations.NullMarked;
