package io.github.mirroredsupervisor.sample.benchmark;

/** The main class of the benchmark and of its processes. */
public final class Benchmark {

    private Benchmark() {}

    public static void main(String... args) {
        BenchmarkApplication.run(Benchmark.class, args);
    }
}
