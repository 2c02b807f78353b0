package io.github.mirroredsupervisor.sample.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The launcher with all its processes: its page, its buttons, and what it leaves behind, which is nothing. */
class LauncherIT {

    private static final Duration SECONDS = Duration.ofSeconds(30);

    @TempDir
    private Path temporary;

    @Test
    void showsTheClusterDisturbsItAndLeavesNothingBehindWhenItIsKilled() throws Exception {
        try (LauncherProcess launcher = new LauncherProcess(temporary)) {
            launcher.awaitRest();
            List<ProcessHandle> processes = launcher.processes();
            assertThat(processes).as("guardian, three nodes, database").hasSizeGreaterThanOrEqualTo(5);

            servesThePage(launcher);
            refusesOthers(launcher);
            showsItInABrowser(launcher);
            movesChildrenWhenANodeIsKilled(launcher);

            // A paused process cannot notice that its parent has ended.
            assertThat(press(launcher, 3, "pause")).isEqualTo(204);
            processes = launcher.processes();
            launcher.process().destroyForcibly();
            leavesNothing(launcher, processes);
        }
    }

    @Test
    void leavesNothingBehindWhenItIsEndedWhileTheNodesStart() throws Exception {
        try (LauncherProcess launcher = new LauncherProcess(temporary)) {
            Awaitility.await()
                    .atMost(SECONDS)
                    .until(() -> launcher.state().path("nodes").size() == 3);
            List<ProcessHandle> processes = launcher.processes();
            launcher.process().toHandle().destroy();
            leavesNothing(launcher, processes);
        }
    }

    @Test
    void eightInstancesThatStartAtOnceAllJoin() throws Exception {
        long began = System.nanoTime();
        try (LauncherProcess launcher = new LauncherProcess(temporary, 8)) {
            launcher.awaitRest();
            System.out.printf("8 instances were up after %d ms%n", (System.nanoTime() - began) / 1_000_000);
            for (int node = 1; node <= 8; node++) {
                assertThat(launcher.get("api/nodes/" + node + "/log").body())
                        .containsOnlyOnce("Joined as peer")
                        .doesNotContain("ERROR");
            }
        }
    }

    private static void servesThePage(LauncherProcess launcher) throws Exception {
        var page = launcher.get("");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains("Outbox relay")
                .doesNotContain("http://")
                .doesNotContain("https://");
        assertThat(page.headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy).contains("default-src 'self'"));
        for (String asset : List.of("page.css", "page.js", "stage.js", "timeline.js", "icon.svg")) {
            assertThat(launcher.get(asset).statusCode()).as(asset).isEqualTo(200);
        }
        assertThat(launcher.get("api/nodes/1/log").body()).contains("Started");
        assertThat(launcher.get("api/nodes/9/log").statusCode()).isEqualTo(404);
        JsonNode first = launcher.state().path("children").path(0);
        assertThat(first.path("node").asString()).startsWith("node-");
        assertThat(first.path("token").asLong()).isPositive();
    }

    private static void refusesOthers(LauncherProcess launcher) throws Exception {
        assertThat(launcher.post("api/nodes/1/kill").statusCode()).isEqualTo(403);
        assertThat(launcher.post("api/nodes/1/kill", "X-Requested-By", "page", "Origin", "http://evil.example")
                        .statusCode())
                .isEqualTo(403);
        assertThat(press(launcher, 1, "explode")).isEqualTo(404);
        assertThat(press(launcher, 1, "start")).as("it runs").isEqualTo(409);
    }

    private static void movesChildrenWhenANodeIsKilled(LauncherProcess launcher) throws Exception {
        assertThat(press(launcher, 2, "kill")).isEqualTo(204);
        Awaitility.await().atMost(SECONDS).untilAsserted(() -> {
            JsonNode takeover = launcher.state().path("takeovers").path(0);
            assertThat(takeover.path("kind").asString()).isEqualTo("KILL");
            assertThat(takeover.path("children").asInt()).isPositive();
            assertThat(takeover.path("moved").asInt())
                    .isEqualTo(takeover.path("children").asInt());
        });
        assertThat(launcher.state().path("nodes").path(1).path("state").asString())
                .isEqualTo("KILLED");
        JsonNode audit = launcher.state().path("audit");
        assertThat(audit.path("delivered").asLong()).isPositive();
        assertThat(audit.path("exact").asBoolean()).as(audit.toString()).isTrue();
    }

    private void showsItInABrowser(LauncherProcess launcher) throws IOException, InterruptedException {
        var browser = HeadlessBrowser.find();
        if (browser.isEmpty()) {
            System.out.println("The page was not looked at: there is no Chromium or Chrome on the path");
            return;
        }
        String page = browser.get().open(launcher.url(), temporary.resolve("browser"));
        assertThat(page.split("class=\"node RUNNING\"", -1)).as(page).hasSize(4);
        assertThat(page.split("class=\"chip", -1)).hasSize(21);
        assertThat(page)
                .contains("kill -9", "class=\"figure check ok\" id=\"check-duplicates\"")
                .doesNotContain("check wrong");
    }

    private static void leavesNothing(LauncherProcess launcher, List<ProcessHandle> processes) {
        Awaitility.await().atMost(SECONDS).untilAsserted(() -> {
            assertThat(processes).noneMatch(ProcessHandle::isAlive);
            assertThat(launcher.runFolders()).isEmpty();
        });
    }

    private static int press(LauncherProcess launcher, int node, String button)
            throws IOException, InterruptedException {
        return launcher.post("api/nodes/" + node + "/" + button, "X-Requested-By", "page")
                .statusCode();
    }
}
