package io.github.mirroredsupervisor.sample.measure;

/** One thing that is done to a cluster, some times over, and what it costs. */
interface Scenario {

    /**
     * Runs on a cluster in which every child runs, and leaves it so.
     *
     * @throws MeasureException if the cluster does not come to rest
     */
    Finding run(TestBed bed, int cycles);
}
