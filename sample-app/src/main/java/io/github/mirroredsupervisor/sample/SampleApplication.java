package io.github.mirroredsupervisor.sample;

import io.github.mirroredsupervisor.sample.launcher.Arguments;
import io.github.mirroredsupervisor.sample.launcher.InvalidArgumentException;
import io.github.mirroredsupervisor.sample.launcher.LauncherApplication;
import io.github.mirroredsupervisor.sample.node.NodeApplication;
import io.github.mirroredsupervisor.sample.process.Guardian;

/**
 * The one main class. Without arguments it is the launcher, which starts a PostgreSQL and three nodes from the same
 * class path and shows them at {@code http://localhost:8080/}; {@code --role} names another part.
 */
public final class SampleApplication {

    private SampleApplication() {}

    public static void main(String... args) {
        try {
            Arguments arguments = Arguments.parse(args);
            switch (arguments.text("role", "launcher")) {
                case "launcher" -> LauncherApplication.run(SampleApplication.class, arguments);
                case "node" -> NodeApplication.run(args);
                case "guardian" -> Guardian.run();
                default -> throw new InvalidArgumentException("--role is launcher (the default) or node");
            }
        } catch (InvalidArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }
}
