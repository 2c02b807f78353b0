package io.github.mirroredsupervisor.sample.measure;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Minimum, median and maximum of some figures. */
public record Figures(int count, double min, double median, double max) {

    public static Figures of(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            return new Figures(0, Double.NaN, Double.NaN, Double.NaN);
        }
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Figures(
                sorted.length, sorted[0], median, Arrays.stream(sorted).max().orElseThrow());
    }

    /** The smallest value that the given share of the figures does not exceed; NaN if there are no figures. */
    public static double percentile(List<Double> values, double part) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.ceil(part * sorted.length) - 1];
    }

    /** The text for figures below a millisecond. */
    String precise() {
        return String.format(Locale.ROOT, "n %4d   min %8.3f   median %8.3f   max %8.3f ms", count, min, median, max);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "n %4d   min %8.1f   median %8.1f   max %8.1f ms", count, min, median, max);
    }
}
