/**
 * The benchmark: the library beside other ways to run something exactly once, each in processes of its own, seen by the
 * same witness. Begin at {@link io.github.mirroredsupervisor.sample.benchmark.BenchmarkApplication}.
 */
@NullMarked
package io.github.mirroredsupervisor.sample.benchmark;

import org.jspecify.annotations.NullMarked;
