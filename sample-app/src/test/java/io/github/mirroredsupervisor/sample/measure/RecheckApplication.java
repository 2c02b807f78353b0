package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.launcher.Arguments;
import io.github.mirroredsupervisor.sample.launcher.InvalidArgumentException;
import java.nio.file.Path;
import java.util.Set;

/** Repeats the checks of a soak from the files in its report. The cluster and its database need not exist any more. */
public final class RecheckApplication {

    private RecheckApplication() {}

    /**
     * Returns if every promise was kept; ends the process with code 1 if not.
     *
     * @throws InvalidArgumentException if the command line cannot be used, or there is no report
     */
    public static void run(Arguments arguments) {
        arguments.requireKnown(Set.of("report"));
        Finding finding = check(Path.of(arguments.text("report", ".")));
        System.out.println(finding);
        if (!finding.kept()) {
            System.exit(1);
        }
    }

    static Finding check(Path report) {
        Dossier dossier = Dossier.read(report);
        return new Checks(dossier, dossier.testimony(report)).finding();
    }
}
