package io.github.mirroredsupervisor.sample.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.sample.launcher.Arguments;
import java.io.StringReader;
import java.time.Duration;
import java.time.LocalDate;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class PageTests {

    private static final OptionalLong UNKNOWN = OptionalLong.empty();

    private final Results results = new Results();
    private final Page page = new Page(
            BenchmarkOptions.of(Arguments.parse("--systems=fast,lock")),
            results,
            new Surroundings(LocalDate.of(2026, 1, 2), "a machine", "a JDK", "18.6", 2.5),
            5,
            Duration.ofMinutes(60));

    private void took(Contender contender, Strike strike, double millis, long overlap) {
        results.add(new Outcome(
                contender, strike, OptionalDouble.of(millis), OptionalLong.of(overlap), OptionalLong.of(170)));
    }

    @Test
    void theTableHasTheMedianOfEachStrike() {
        took(Contender.FAST, Strike.KILL, 610, 0);
        took(Contender.FAST, Strike.KILL, 1_630, 0);
        took(Contender.FAST, Strike.KILL, 620, 0);
        took(Contender.FAST, Strike.STOP, 4.25, 3);
        results.add(new Cost(Contender.FAST, 2.5, OptionalDouble.of(1_600), 3.75));
        assertThat(page.table())
                .contains("| ours, fast | 620 (610–1,630) | 170 MB | – | – | 4.3 | 3 (max. 3) | – "
                        + "| 2.50 | 1,600 | 3.8 ms |");
    }

    @Test
    void aTakeoverThatDidNotHappenIsNoFigure() {
        took(Contender.LOCK, Strike.HANG, 30, 0);
        results.add(new Outcome(Contender.LOCK, Strike.HANG, OptionalDouble.empty(), UNKNOWN, UNKNOWN));
        assertThat(results.isHopeless(Contender.LOCK, Strike.HANG)).isTrue();
        assertThat(page.table()).contains("| none in 60 s |");
    }

    @Test
    void thePageSaysWhenAndWhere() {
        assertThat(page.text())
                .contains(
                        "2026-01-02, 5 rounds in 60 minutes",
                        "a machine",
                        "a JDK",
                        "PostgreSQL 18.6",
                        "its load was 2.5");
    }

    @Test
    void thePictureIsXml() throws Exception {
        took(Contender.FAST, Strike.KILL, 610, 0);
        results.add(new Outcome(Contender.LOCK, Strike.HANG, OptionalDouble.empty(), UNKNOWN, UNKNOWN));
        String svg = page.picture();
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        assertThat(svg).contains("ours, fast", ">610<", "none");
    }
}
