package io.github.mirroredsupervisor.sample.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.sample.FreePorts;
import io.github.mirroredsupervisor.sample.SampleApplication;
import io.github.mirroredsupervisor.sample.process.JavaCommand;
import io.github.mirroredsupervisor.sample.process.LogTail;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The launcher as a user starts it, and what can be seen of it from outside. */
final class LauncherProcess implements AutoCloseable {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path temporary;
    private final Path output;
    private final int port;
    private final Process process;

    private final int nodes;

    /** Three nodes with the fast profile. */
    LauncherProcess(Path temporary) throws IOException {
        this(temporary, 3, "--mirrored-supervisor.profile=fast");
    }

    LauncherProcess(Path temporary, int nodes, String... settings) throws IOException {
        this.temporary = temporary;
        this.nodes = nodes;
        this.output = temporary.resolve("launcher.log");
        this.port = FreePorts.inARow(nodes + 1);
        List<String> arguments =
                new ArrayList<>(List.of("--port=" + port, "--base-port=" + (port + 1), "--nodes=" + nodes));
        arguments.addAll(List.of(settings));
        this.process = JavaCommand.of(
                        SampleApplication.class,
                        List.of(
                                "-Xmx256m",
                                "-Djava.io.tmpdir=" + temporary,
                                // The usual folder, so that the binaries are not unpacked again.
                                "-Dot.epg.working-dir=" + Path.of(System.getProperty("java.io.tmpdir"), "embedded-pg")),
                        arguments,
                        Map.of())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    String url() {
        return "http://localhost:" + port + "/";
    }

    Process process() {
        return process;
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HTTP.send(HttpRequest.newBuilder(URI.create(url() + path)).build(), BodyHandlers.ofString());
    }

    /** Presses a button, with these headers. */
    HttpResponse<String> post(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url() + path)).POST(HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }

    JsonNode state() {
        try {
            return JSON.readTree(get("api/state").body());
        } catch (IOException e) {
            return JSON.createObjectNode();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return JSON.createObjectNode();
        }
    }

    /** Waits until all nodes are up and all children run. */
    void awaitRest() {
        Awaitility.await().atMost(Duration.ofMinutes(5)).untilAsserted(() -> {
            assertThat(process.isAlive()).as(() -> log()).isTrue();
            assertThat(state().path("nodes").valueStream())
                    .hasSize(nodes)
                    .allSatisfy(
                            node -> assertThat(node.path("state").asString()).isEqualTo("RUNNING"));
            assertThat(state().path("children").valueStream())
                    .hasSize(20)
                    .allSatisfy(child ->
                            assertThat(child.path("running").asBoolean()).isTrue());
        });
    }

    private String log() {
        return LogTail.of(output);
    }

    /** The process that it started, and the database's. */
    List<ProcessHandle> processes() throws IOException {
        Stream<ProcessHandle> postmaster = Stream.empty();
        for (Path folder : runFolders()) {
            long pid = Long.parseLong(Files.readAllLines(folder.resolve("data/postmaster.pid"))
                    .get(0)
                    .trim());
            postmaster = Stream.concat(postmaster, ProcessHandle.of(pid).stream());
        }
        return Stream.concat(process.toHandle().descendants(), postmaster).toList();
    }

    List<Path> runFolders() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(file -> file.getFileName().toString().startsWith("outbox-relay-"))
                    .toList();
        }
    }

    /** Ends what the test did not end. */
    @Override
    public void close() {
        process.toHandle().destroy();
        process.onExit().join();
    }
}
