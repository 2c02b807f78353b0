package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.sample.cluster.LabDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What a fenced transaction costs compared with a plain one: the same insertion in both, alternating, by one child in a
 * separate group.
 */
final class FenceScenario implements Scenario {

    private static final int LEAST_PAIRS = 2000;

    /** Pairs that are not counted, because the JVM has not yet compiled the code. */
    private static final int WARM_UP = 1000;

    @Override
    public Finding run(TestBed bed, int cycles) {
        int pairs = Math.max(LEAST_PAIRS, cycles);
        bed.jdbc().sql("create table fence_cost (n integer)").update();
        Costs costs = measure(bed, pairs);
        long rows = bed.jdbc()
                .sql("select count(*) from fence_cost")
                .query(Long.class)
                .single();
        bed.jdbc().sql("drop table fence_cost").update();
        return new Finding("A fenced transaction of one insertion beside a plain one")
                .line(String.format(
                        Locale.ROOT,
                        "%-44s %s",
                        "plain",
                        Figures.of(costs.plain).precise()))
                .line(String.format(
                        Locale.ROOT,
                        "%-44s %s",
                        "fenced",
                        Figures.of(costs.fenced).precise()))
                .line(String.format(
                        Locale.ROOT,
                        "%-44s n %4d   median %8.2f",
                        "fenced / plain, of each pair",
                        pairs,
                        Figures.of(costs.ratios()).median()))
                .line("        with " + setting(bed, "fsync") + " and " + setting(bed, "synchronous_commit"))
                .promise(rows == 2L * (WARM_UP + pairs), "every one of them was committed");
    }

    private static Costs measure(TestBed bed, int pairs) {
        LabDatabase database = bed.database();
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Configuration.class)
                .web(WebApplicationType.NONE)
                .logStartupInfo(false)
                .initializers(created -> created.getBeanFactory().registerSingleton("bench", new Bench(pairs)))
                .run(
                        "--mirrored-supervisor.group=fence-cost",
                        "--mirrored-supervisor.profile=" + bed.profile().label(),
                        "--spring.flyway.enabled=false",
                        "--spring.datasource.url=" + database.getJdbcUrl(),
                        "--spring.datasource.username=" + database.getUsername(),
                        "--logging.level.io.github.mirroredsupervisor=warn")) {
            CompletableFuture<Costs> outcome = context.getBean(Bench.class).outcome;
            bed.await("the transactions are measured", outcome::isDone);
            return outcome.join();
        }
    }

    private static String setting(TestBed bed, String name) {
        return name + " " + bed.jdbc().sql("show " + name).query(String.class).single();
    }

    /** In milliseconds. */
    private record Costs(List<Double> plain, List<Double> fenced) {

        private List<Double> ratios() {
            List<Double> ratios = new ArrayList<>();
            for (int pair = 0; pair < plain.size(); pair++) {
                ratios.add(fenced.get(pair) / plain.get(pair));
            }
            return ratios;
        }
    }

    private static final class Bench {

        private final int pairs;
        private final CompletableFuture<Costs> outcome = new CompletableFuture<>();

        private Bench(int pairs) {
            this.pairs = pairs;
        }

        private void run(ChildContext child, JdbcClient jdbc, TransactionTemplate transaction) {
            Costs warmUp = new Costs(new ArrayList<>(), new ArrayList<>());
            Costs costs = new Costs(new ArrayList<>(), new ArrayList<>());
            for (int n = 0; n < WARM_UP + pairs; n++) {
                int number = n;
                Runnable plain = () -> transaction.executeWithoutResult(status -> insert(jdbc, number));
                Runnable fenced = () -> child.inFencedTransaction(() -> insert(jdbc, number));
                Costs to = n < WARM_UP ? warmUp : costs;
                if (n % 2 == 0) {
                    to.plain.add(millis(plain));
                    to.fenced.add(millis(fenced));
                } else {
                    to.fenced.add(millis(fenced));
                    to.plain.add(millis(plain));
                }
            }
            outcome.complete(costs);
        }

        private static int insert(JdbcClient jdbc, int number) {
            return jdbc.sql("insert into fence_cost values (?)").param(number).update();
        }

        private static double millis(Runnable task) {
            long begin = System.nanoTime();
            task.run();
            return (System.nanoTime() - begin) / 1e6;
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Configuration {

        @Bean
        @MirroredChild(id = "fence-cost", restart = RestartType.TRANSIENT)
        ChildProcess fenceCost(Bench bench, JdbcClient jdbc, PlatformTransactionManager manager) {
            return child -> {
                try {
                    bench.run(child, jdbc, new TransactionTemplate(manager));
                } catch (RuntimeException e) {
                    bench.outcome.completeExceptionally(e);
                    throw e;
                }
            };
        }
    }
}
