package io.github.mirroredsupervisor.sample.measure;

import java.util.ArrayList;
import java.util.List;

/** The database is restarted in its fast mode: nothing moves. */
final class RestartScenario implements Scenario {

    private static final int MOST = 5;

    @Override
    public Finding run(TestBed bed, int cycles) {
        Finding finding = new Finding("Fast restart of PostgreSQL");
        Stillness stillness = new Stillness(bed);
        int times = Math.min(cycles, MOST);
        List<Double> away = new ArrayList<>();
        for (int cycle = 0; cycle < times; cycle++) {
            long begin = System.nanoTime();
            bed.database().stop();
            bed.database().start();
            away.add((System.nanoTime() - begin) / 1e6);
            bed.pass(bed.profile().lease().multipliedBy(2));
        }
        finding.figures("until the database answered again", Figures.of(away));
        stillness.addTo(finding);
        bed.evidence().addTo(finding);
        return finding;
    }
}
