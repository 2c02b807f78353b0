package io.github.mirroredsupervisor.sample.benchmark;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What one trial showed.
 *
 * @param contender whose
 * @param strike which; not {@link Strike#REST}
 * @param millis how long nobody owned, or until all children ran elsewhere; empty if that did not happen in time
 * @param overlap how often the victim acted after another process had begun to
 * @param megabytes how much of the victim was in memory
 */
record Outcome(
        Contender contender, Strike strike, OptionalDouble millis, OptionalLong overlap, OptionalLong megabytes) {

    @Override
    public String toString() {
        return (millis.isPresent() ? Page.millis(millis.getAsDouble()) + " ms" : "no takeover")
                + (overlap.isPresent() ? ", " + overlap.getAsLong() + " acts of both" : "")
                + (megabytes.isPresent() ? ", victim " + megabytes.getAsLong() + " MB" : "");
    }
}
