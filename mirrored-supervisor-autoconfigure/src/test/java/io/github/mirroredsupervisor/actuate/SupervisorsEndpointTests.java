package io.github.mirroredsupervisor.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SupervisorsEndpointTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HttpClient client = HttpClient.newHttpClient();

    private final JsonMapper json = JsonMapper.builder().build();

    private static final Map<WebApplicationType, ConfigurableApplicationContext> shared =
            new EnumMap<>(WebApplicationType.class);

    private int port;

    @AfterAll
    static void closeShared() {
        shared.values().forEach(ConfigurableApplicationContext::close);
        shared.clear();
    }

    @ParameterizedTest
    @EnumSource(names = {"SERVLET", "REACTIVE"})
    void showsGroupsAndChildren(WebApplicationType web) throws Exception {
        MirroredSupervisor supervisor = shared(web).getBean(MirroredSupervisor.class);
        await().atMost(PATIENCE)
                .until(() -> supervisor.whichChildren().stream().anyMatch(child -> child.phase() == Phase.RUNNING));

        JsonNode all = read("", 200);
        assertThat(all.at("/groups").propertyNames()).containsExactly("shop", "orders");

        JsonNode group = read("/shop", 200);
        assertThat(group.propertyNames())
                .containsExactlyInAnyOrder("group", "self", "groupInfo", "whichChildren", "countChildren", "peers");
        assertThat(all.at("/groups/shop/countChildren")).isEqualTo(group.get("countChildren"));
        assertThat(group.get("self").asString()).isEqualTo(supervisor.self().toString());
        assertThat(group.at("/countChildren/specs").asInt()).isEqualTo(1);
        assertThat(group.at("/countChildren/active").asInt()).isEqualTo(1);
        assertThat(group.at("/peers/0/id")).isEqualTo(group.get("self"));
        assertThat(group.at("/peers/0").propertyNames())
                .containsExactly(
                        "id",
                        "label",
                        "host",
                        "pid",
                        "state",
                        "cordoned",
                        "joinOrder",
                        "lastRenewedAt",
                        "types",
                        "children");
        assertThat(group.at("/peers/0/state").asString()).isEqualTo("ALIVE");
        assertThat(Instant.parse(group.at("/peers/0/lastRenewedAt").asString())).isNotNull();

        JsonNode child = read("/shop/feed", 200);
        assertThat(child.get("id").asString()).isEqualTo("feed");
        assertThat(child.get("phase").asString()).isEqualTo("RUNNING");
        assertThat(child.at("/owner/pid").asLong())
                .isEqualTo(ProcessHandle.current().pid());
        assertThat(child.at("/owner/id")).isEqualTo(group.get("self"));
        assertThat(child.get("owner").propertyNames()).containsExactly("id", "label", "host", "pid");
        assertThat(child.at("/owner/label").asString()).isEqualTo("here");
        assertThat(child.get("fencingToken").asLong()).isPositive();
        assertThat(Instant.parse(child.get("since").asString())).isNotNull();
        assertThat(group.at("/whichChildren/0").propertyNames()).containsExactlyElementsOf(child.propertyNames());
    }

    @ParameterizedTest
    @EnumSource(names = {"SERVLET", "REACTIVE"})
    void saysWhatIsNotThere(WebApplicationType web) throws Exception {
        shared(web);
        read("/nowhere", 404);
        read("/nowhere/feed", 404);
        read("/shop/nobody", 404);
    }

    @ParameterizedTest
    @EnumSource(names = {"SERVLET", "REACTIVE"})
    void givesAClientWithoutPreferencesJson(WebApplicationType web) throws Exception {
        shared(web);
        for (String accept : List.of("*/*", "application/json", "application/vnd.spring-boot.actuator.v3+json")) {
            HttpResponse<String> response = get("/shop", accept);
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("Content-Type").orElseThrow())
                    .contains("json");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SERVLET", "REACTIVE"})
    void obeysExposureAndAccess(WebApplicationType web) throws Exception {
        try (ConfigurableApplicationContext context = run(web, "management.endpoints.web.exposure.include=health")) {
            assertThat(context.getBeansOfType(SupervisorsEndpoint.class)).isEmpty();
            read("/shop", 404);
        }
        // Its supervisor beans exist and refuse every call.
        try (ConfigurableApplicationContext context = run(web, "mirrored-supervisor.enabled=false")) {
            assertThat(context.getBeansOfType(SupervisorsEndpoint.class)).isEmpty();
            read("/shop", 404);
        }
        try (ConfigurableApplicationContext context = run(web, "management.endpoint.supervisors.access=none")) {
            assertThat(context.getBeansOfType(SupervisorsEndpoint.class)).isEmpty();
            read("/shop", 404);
        }
    }

    /** Shared by tests that only read. */
    private ConfigurableApplicationContext shared(WebApplicationType web) {
        ConfigurableApplicationContext context = shared.computeIfAbsent(web, this::run);
        port = portOf(context);
        return context;
    }

    private ConfigurableApplicationContext run(WebApplicationType web, String... more) {
        Database database = TestPostgres.migratedDatabase();
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--spring.application.name=shop",
                "--spring.main.banner-mode=off",
                "--spring.reactor.netty.shutdown-quiet-period=0s", // otherwise it costs two seconds for each context
                "--spring.liquibase.enabled=false",
                "--spring.flyway.enabled=false",
                "--spring.datasource.url=" + database.jdbcUrl(),
                "--spring.datasource.username=" + database.username(),
                "--spring.datasource.password=" + database.password(),
                "--mirrored-supervisor.label=here",
                "--mirrored-supervisor.groups.orders.intensity=3"));
        if (more.length == 0) {
            arguments.add("--management.endpoints.web.exposure.include=supervisors");
        } else {
            arguments.add("--management.endpoints.web.exposure.include=*");
        }
        for (String argument : more) {
            arguments.removeIf(known -> known.startsWith("--" + argument.substring(0, argument.indexOf('='))));
            arguments.add("--" + argument);
        }
        SpringApplication application = new SpringApplication(Application.class);
        application.setWebApplicationType(web);
        ConfigurableApplicationContext context = application.run(arguments.toArray(String[]::new));
        port = portOf(context);
        return context;
    }

    private static int portOf(ConfigurableApplicationContext context) {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    private JsonNode read(String path, int status) throws Exception {
        HttpResponse<String> response = get(path, "application/json");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return response.body().isEmpty() ? json.createObjectNode() : json.readTree(response.body());
    }

    private HttpResponse<String> get(String path, String accept) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://localhost:" + port + "/actuator/supervisors" + path))
                .header("Accept", accept)
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        @Bean
        @MirroredChild("feed")
        ChildProcess feed() {
            return context -> context.sleep(Duration.ofHours(1));
        }
    }
}
