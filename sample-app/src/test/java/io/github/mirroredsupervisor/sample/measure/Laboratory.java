package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.launcher.Arguments;
import io.github.mirroredsupervisor.sample.launcher.InvalidArgumentException;
import io.github.mirroredsupervisor.sample.measure.node.LabNode;

/**
 * Measures the library on real processes that are really killed; {@code --role=recheck} repeats the checks of an
 * earlier measurement.
 */
public final class Laboratory {

    private Laboratory() {}

    public static void main(String... args) {
        try {
            Arguments arguments = Arguments.parse(args);
            switch (arguments.text("role", "measure")) {
                case "measure" -> MeasureApplication.run(arguments);
                case "recheck" -> RecheckApplication.run(arguments);
                case "node" -> LabNode.run(args);
                default -> throw new InvalidArgumentException("--role is measure (the default) or recheck");
            }
        } catch (InvalidArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }
}
