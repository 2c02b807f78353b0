package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredChildType;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.Takeover;
import io.github.mirroredsupervisor.autoconfigure.process.MirroredSupervisorLifecycle;
import io.github.mirroredsupervisor.testing.Proxy;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The life of a cluster in a database where names in statements resolve to another role's code before the built-ins.
 */
class HostileNamesTests {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final String PATH = "public, pg_catalog";

    @AfterEach
    void forgetWhatWasCalled() {
        HostileDatabase.PLANTED.forget();
    }

    /** Ordinary statements call the planted code. Otherwise these tests would prove nothing. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    select set_config('application_name', ?, true) | set_config(text, varchar, bool)
                    select 1 where 'x'::pg_catalog.text = ?        | text = varchar
                    select count(?)                                | count(varchar)
                    """)
    void theyWouldBeCalled(String statement, String called) {
        HostileDatabase.APPLICATION
                .jdbc()
                .sql(statement)
                .param("x")
                .query((row, number) -> number)
                .list();
        assertThat(HostileDatabase.PLANTED.called()).containsExactly(called);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nobodysCodeIsCalledInTheLifeOfACluster(boolean throughAPooler) {
        HostileDatabase.clear();
        HostileDatabase.ADMINISTRATION
                .jdbc()
                .sql("create table if not exists mirrored_supervisor.note (what pg_catalog.text)")
                .update();
        HostileDatabase.ADMINISTRATION
                .jdbc()
                .sql("grant all on mirrored_supervisor.note to public")
                .update();
        try (Proxy proxy = new Proxy(HostileDatabase.APPLICATION)) {
            if (throughAPooler) {
                proxy.poseAsPooler();
            }
            var runner = TestContexts.supervisor(HostileDatabase.APPLICATION)
                    .withPropertyValues(
                            "spring.application.name=hostile",
                            "mirrored-supervisor.lease=2s",
                            "mirrored-supervisor.datasource.url=" + proxy.jdbcUrl(),
                            "mirrored-supervisor.datasource.username=" + HostileDatabase.APPLICATION.username(),
                            "mirrored-supervisor.datasource.password=" + HostileDatabase.APPLICATION.password())
                    .withUserConfiguration(Children.class);
            runner.run(first -> {
                live(first);
                runner.run(second -> {
                    move(first, second);
                    first.getBean(MirroredSupervisorLifecycle.class).stop();
                    await().atMost(PATIENCE)
                            .until(() -> second.getBean("writer", ScriptedChild.class)
                                            .runs
                                            .size()
                                    > 0);
                    fence(second);
                });
            });
        }
        assertThat(HostileDatabase.PLANTED.called()).isEmpty();
    }

    private static void live(AssertableApplicationContext context) throws Exception {
        assertThat(context).hasNotFailed();
        await().atMost(PATIENCE)
                .until(() ->
                        !context.getBean("writer", ScriptedChild.class).runs.isEmpty());
        fence(context);
        MirroredSupervisor supervisor = context.getBean(MirroredSupervisor.class);
        supervisor.startChild(
                ChildSpec.of("dynamic", "relay").withArguments(Map.of("n", 1)).withTakeover(Takeover.IMMEDIATE));
        supervisor.ensureChild(ChildSpec.of("dynamic", "relay").withArguments(Map.of("n", 2)));
        supervisor.terminateChild("dynamic");
        supervisor.restartChild("dynamic");
        supervisor.cordon(supervisor.self());
        supervisor.uncordon(supervisor.self());
        assertThat(supervisor.whichChildren()).hasSize(2);
        await().atMost(PATIENCE).until(() -> supervisor.countChildren().active() == 2);
        await().atMost(PATIENCE)
                .until(() -> HostileDatabase.ADMINISTRATION
                                .jdbc()
                                .sql("select count(*) from mirrored_supervisor.int_lock")
                                .query(Long.class)
                                .single()
                        == 1);
    }

    private static void move(AssertableApplicationContext from, AssertableApplicationContext to) {
        MirroredSupervisor supervisor = from.getBean(MirroredSupervisor.class);
        supervisor.moveChild("dynamic", to.getBean(MirroredSupervisor.class).self());
        supervisor.removeChild("dynamic");
    }

    /** The application's search path is unchanged before, within and after the transaction. */
    private static void fence(AssertableApplicationContext context) throws Exception {
        JdbcClient jdbc = context.getBean(JdbcClient.class);
        context.getBean("writer", ScriptedChild.class)
                .does(child -> child.inFencedTransaction(() -> {
                    assertThat(path(jdbc)).isEqualTo(PATH);
                    return jdbc.sql("insert into mirrored_supervisor.note values ('x')")
                            .update();
                }));
        assertThat(path(jdbc)).isEqualTo(PATH);
    }

    private static String path(JdbcClient jdbc) {
        return jdbc.sql("show search_path").query(String.class).single();
    }

    @Configuration(proxyBeanMethods = false)
    static class Children {

        @Bean
        @MirroredChild("writer")
        ScriptedChild writer() {
            return new ScriptedChild();
        }

        @Bean
        @Scope("prototype")
        @MirroredChildType("relay")
        ChildProcess relay() {
            return new ChildProcess() {
                @Override
                public void run(ChildContext context) throws InterruptedException {
                    while (!context.isStopping()) {
                        context.sleep(Duration.ofMillis(10));
                    }
                }
            };
        }
    }
}
