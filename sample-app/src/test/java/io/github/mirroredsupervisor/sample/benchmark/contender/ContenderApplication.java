package io.github.mirroredsupervisor.sample.benchmark.contender;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** One process of a contender: an ordinary Spring Boot application with a pool of connections, and nothing else. */
@SpringBootConfiguration
@EnableAutoConfiguration
@EnableConfigurationProperties(ContenderProperties.class)
public class ContenderApplication {

    private static final int CHUNK = 1 << 20;

    /** Kept, so that it stays resident. */
    private final List<ByteBuffer> ballast = new ArrayList<>();

    /** Returns when the process takes part; it does until it is ended. */
    public static void run(Class<?> contender, String... args) {
        new SpringApplicationBuilder(ContenderApplication.class, contender)
                .web(WebApplicationType.NONE)
                .run(args)
                .getBean(Work.class)
                .ready();
    }

    @Bean
    Work work(ContenderProperties properties) {
        return new Work(properties);
    }

    /** Last of all, so that it fills up what the rest has left. */
    @Bean
    Participation ballast(ContenderProperties properties) {
        return new Participation(() -> load(properties.residentMegabytes()), () -> {});
    }

    private void load(int megabytes) {
        // Of whole chunks, and at most what is wanted, should the system not tell what is resident.
        for (int i = 0;
                i < megabytes
                        && residentMegabytes(ProcessHandle.current().pid()).orElse(i) < megabytes;
                i++) {
            ballast.add(ByteBuffer.allocateDirect(CHUNK)); // which writes zeros to all of it
        }
    }

    /** How much of a process is in memory; empty where the system does not show it in files, which only Linux does. */
    public static OptionalLong residentMegabytes(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
