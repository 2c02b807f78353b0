package io.github.mirroredsupervisor.sample.measure;

/** A fault or load that is applied to a cluster several times, and what it costs. */
interface Scenario {

    /**
     * Runs on a cluster in which every child runs, and every child runs when it returns.
     *
     * @throws MeasureException if the cluster does not come to rest
     */
    Finding run(TestBed bed, int cycles);
}
