package io.github.mirroredsupervisor.sample.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FiguresTests {

    @Test
    void aPercentileIsOneOfTheValues() {
        List<Double> values =
                IntStream.rangeClosed(1, 100).mapToObj(i -> (double) (101 - i)).toList();
        assertThat(Figures.percentile(values, 0.5)).isEqualTo(50);
        assertThat(Figures.percentile(values, 0.95)).isEqualTo(95);
        assertThat(Figures.percentile(values, 1)).isEqualTo(100);
        assertThat(Figures.percentile(List.of(3.0), 0.95)).isEqualTo(3);
        assertThat(Figures.percentile(List.of(), 0.5)).isNaN();
    }
}
