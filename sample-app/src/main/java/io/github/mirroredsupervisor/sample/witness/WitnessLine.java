package io.github.mirroredsupervisor.sample.witness;

import java.util.Optional;

/**
 * One line of a witness file.
 *
 * @param nanos {@link System#nanoTime()}, which processes of one machine share
 * @param peer the node's name
 * @param pid its process id
 * @param child the child's id
 * @param token the run's fencing token
 * @param mark what happened
 */
public record WitnessLine(long nanos, String peer, long pid, String child, long token, Mark mark) {

    public enum Mark {
        /** The run began. */
        BEGIN,
        /** The run was about to act. Only a child that is made for it says so. */
        TICK,
        /** The run ended and returns. */
        END
    }

    private static final int FIELDS = 6;

    /** The line as it is written, without the line end. */
    public String format() {
        return nanos + " " + peer + " " + pid + " " + child + " " + token + " " + mark;
    }

    /**
     * Reads what {@link #format()} wrote; empty for anything else, such as a line that a killed process did not finish.
     */
    public static Optional<WitnessLine> parse(String line) {
        String[] fields = line.split(" ", -1);
        if (fields.length != FIELDS) {
            return Optional.empty();
        }
        try {
            return Optional.of(new WitnessLine(
                    Long.parseLong(fields[0]),
                    fields[1].intern(),
                    Long.parseLong(fields[2]),
                    fields[3].intern(),
                    Long.parseLong(fields[4]),
                    Mark.valueOf(fields[5])));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
