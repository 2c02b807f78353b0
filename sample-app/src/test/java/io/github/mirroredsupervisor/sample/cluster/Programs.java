package io.github.mirroredsupervisor.sample.cluster;

import io.github.mirroredsupervisor.sample.process.GuardianProcess;
import java.io.IOException;
import java.nio.file.Path;

/** Programs that run beside the nodes. */
final class Programs {

    private Programs() {}

    /** Starts one that writes its output to the log, and that the guardian kills in the end. */
    static Process start(ProcessBuilder builder, Path log, GuardianProcess guardian) {
        ProcessBuilder.Redirect output = ProcessBuilder.Redirect.appendTo(log.toFile());
        try {
            Process process =
                    builder.redirectOutput(output).redirectErrorStream(true).start();
            guardian.process(process.pid());
            return process;
        } catch (IOException e) {
            throw new IllegalStateException("Cannot start " + String.join(" ", builder.command()), e);
        }
    }
}
