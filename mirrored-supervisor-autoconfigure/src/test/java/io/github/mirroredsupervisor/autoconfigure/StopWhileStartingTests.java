package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.RowHolder;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** SIGTERM to a real process that is still starting. */
class StopWhileStartingTests {

    /** Much shorter than the waits in these starts, so the process ends in this time only if the start was aborted. */
    private static final Duration SOON = Duration.ofSeconds(25);

    private final Database database = TestPostgres.migratedDatabase();

    @Test
    void whileAChildIsInitialized() throws Exception {
        stop("child is initialized", "--mirrored-supervisor.on-start-failure=fail");

        assertThat(states()).doesNotContain("ALIVE");
    }

    @Test
    void whileItJoins() throws Exception {
        try (RowHolder holder =
                RowHolder.of(database, "lock table mirrored_supervisor.peer in access exclusive mode")) {
            stop("could not join yet");
            holder.rollback();
        }
        assertThat(states()).isEmpty();
    }

    @Test
    void whileItsMigrationWaitsForALock() throws Exception {
        try (RowHolder holder = RowHolder.of(
                database, "lock table mirrored_supervisor.flyway_schema_history in access exclusive mode")) {
            stop("The schema is tried again");
            holder.rollback();
        }
    }

    @Test
    void whileTheDatabaseIsAway() throws Exception {
        stop("The schema is tried again", "--mirrored-supervisor.datasource.url=jdbc:postgresql://localhost:1/nowhere");
    }

    /** Starts an application, and sends SIGTERM when its log contains the text. */
    private void stop(String when, String... settings) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                System.getProperty("java.class.path"),
                Slow.class.getName(),
                "--spring.main.web-application-type=none",
                "--spring.main.banner-mode=off",
                "--mirrored-supervisor.call-timeout=10m"));
        command.addAll(List.of(TestContexts.dataSource(database)).stream()
                .map(s -> "--" + s)
                .toList());
        command.addAll(List.of(settings));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (BufferedReader log = process.inputReader(StandardCharsets.UTF_8)) {
            List<String> lines = new ArrayList<>();
            String line = log.readLine();
            while (line != null && !line.contains(when)) {
                lines.add(line);
                line = log.readLine();
            }
            assertThat(line).as("log: %s", lines).isNotNull();

            process.toHandle().destroy();

            List<String> rest = new ArrayList<>();
            Thread reader = new Thread(() -> log.lines().forEach(rest::add));
            reader.start();
            assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS))
                    .as("ended; log: %s", rest)
                    .isTrue();
            reader.join();
            assertThat(rest).noneMatch(text -> text.contains(" is up"));
        } finally {
            process.destroyForcibly();
        }
    }

    private List<String> states() {
        return database.jdbc()
                .sql("select state from mirrored_supervisor.peer")
                .query(String.class)
                .list();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        DataSourceAutoConfiguration.class,
        SupervisorSchemaAutoConfiguration.class,
        MirroredSupervisorAutoConfiguration.class
    })
    static class Slow {

        public static void main(String[] arguments) {
            SpringApplication.run(Slow.class, arguments);
            System.out.println("the application is up");
        }

        @Bean
        @MirroredChild("slow")
        ChildProcess slow() {
            return new ChildProcess() {
                @Override
                public void init(ChildContext context) throws InterruptedException {
                    System.out.println("child is initialized");
                    TimeUnit.MINUTES.sleep(10);
                }

                @Override
                public void run(ChildContext context) {}
            };
        }
    }
}
