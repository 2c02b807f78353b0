package io.github.mirroredsupervisor.sample.measure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * One fault of a schedule. The same seed draws the same schedule; the exact moment of each strike depends on the
 * machine.
 *
 * @param number its place in the schedule, from 1
 * @param trouble what happens
 * @param node the number of the node, from 1; 0 for the one that runs the most children then
 * @param rest how long to wait before it, from 0 to 1
 * @param length how long it lasts, from 0 for the shortest to 1
 * @param choice a random number for all other choices
 */
record Strike(int number, Trouble trouble, int node, double rest, double length, int choice) {

    /** Every trouble once in a random order, then again in another order, so that none is missing by chance. */
    static List<Strike> schedule(long seed, int count, int nodes, List<Trouble> troubles) {
        Random random = new Random(seed);
        List<Strike> strikes = new ArrayList<>();
        List<Trouble> round = new ArrayList<>();
        for (int number = 1; number <= count; number++) {
            if (round.isEmpty()) {
                round.addAll(troubles);
            }
            Trouble trouble = round.remove(random.nextInt(round.size()));
            int node = random.nextBoolean() ? 0 : 1 + random.nextInt(nodes);
            strikes.add(new Strike(
                    number,
                    trouble,
                    node,
                    random.nextDouble(),
                    random.nextDouble(),
                    random.nextInt(Integer.MAX_VALUE)));
        }
        return strikes;
    }

    /** A duration between those two. */
    Duration between(Duration shortest, Duration longest) {
        return shortest.plusNanos((long) (longest.minus(shortest).toNanos() * length));
    }

    <T> T oneOf(List<T> some) {
        return some.get(choice % some.size());
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%4d %-17s %s %.2f",
                number,
                trouble.label(),
                node == 0 ? "owner " : "node-" + node,
                length);
    }
}
