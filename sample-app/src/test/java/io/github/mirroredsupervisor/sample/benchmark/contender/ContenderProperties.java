package io.github.mirroredsupervisor.sample.benchmark.contender;

import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the benchmark tells a process.
 *
 * @param peer its name in the witness
 * @param number its place among the processes, from 1
 * @param processes how many there are
 * @param witness the folder of the witness
 * @param children how many children the owner runs
 * @param quiet whether children write only that they begin and end
 * @param basePort the first process's port, for systems whose processes talk to each other
 * @param residentMegabytes how much memory the process makes resident before it takes part; 0 for what it needs
 */
@ConfigurationProperties("benchmark")
public record ContenderProperties(
        String peer,
        int number,
        int processes,
        Path witness,
        @DefaultValue("1") int children,
        @DefaultValue("false") boolean quiet,
        int basePort,
        @DefaultValue("0") int residentMegabytes) {

    /** This process's own port. */
    public int port() {
        return basePort + number - 1;
    }
}
