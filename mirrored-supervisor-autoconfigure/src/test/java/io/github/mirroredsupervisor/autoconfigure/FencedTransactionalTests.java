package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.FencedTransactional;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StaleOwnerException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** {@link FencedTransactional} behaves as {@code inFencedTransaction} does. */
class FencedTransactionalTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Database database = TestPostgres.clearedDatabase(FencedTransactionalTests.class);

    private final ApplicationContextRunner runner =
            TestContexts.supervisor(database).withUserConfiguration(Application.class);

    @BeforeEach
    void createTable() {
        database.execute("drop table if exists written", "create table written (what text)");
    }

    @Test
    void p2AnAnnotatedMethodCommitsForThePresentRunOnly() {
        runner.run(context -> {
            ScriptedChild child = started(context);
            Orders orders = context.getBean(Orders.class);

            assertThat(child.does(run -> orders.write("order", () -> {}))).isEqualTo(1);
            assertThatThrownBy(() -> child.does(run -> orders.write("late", this::take)))
                    .isInstanceOf(StaleOwnerException.class);

            assertThat(written()).isEqualTo("order");
            assertThat(child.runs.get(0).isStopping()).isTrue();
        });
    }

    @Test
    void p2AnAnnotatedClassMeansItsPublicMethods() {
        runner.run(context -> {
            ScriptedChild child = started(context);
            Ledger ledger = context.getBean(Ledger.class);

            assertThat(child.does(run -> ledger.isInTransaction())).isEqualTo(true);
            assertThat(child.does(run -> ledger.isInTransactionInside())).isEqualTo(false);
            assertThat(ledger).hasToString("the ledger");
        });
    }

    @Test
    void p2ItGoesTogetherWithTransactional() {
        runner.run(context -> {
            ScriptedChild child = started(context);
            Orders orders = context.getBean(Orders.class);
            assertThatThrownBy(() -> child.does(run -> orders.writeInBoth("late", this::take)))
                    .isInstanceOf(StaleOwnerException.class);
            assertThat(written()).isNull();
        });
    }

    @Test
    void p2WhatAMethodThrowsRollsBackAndArrivesAsItIs() {
        runner.run(context -> {
            ScriptedChild child = started(context);
            Orders orders = context.getBean(Orders.class);
            assertThatThrownBy(() -> child.does(run -> orders.writeAndFail("half")))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("half");
            assertThat(written()).isNull();
        });
    }

    @Test
    void p2OutsideOfAChildACallIsRefusedWhetherOrNotTheSupervisorIsThere() {
        runner.run(context -> {
            started(context);
            refusesThisThread(context.getBean(Orders.class));
        });
        runner.withPropertyValues("mirrored-supervisor.enabled=false")
                .run(context -> refusesThisThread(context.getBean(Orders.class)));
        assertThat(written()).isNull();
    }

    private static void refusesThisThread(Orders orders) {
        assertThatThrownBy(() -> orders.write("nobody's", () -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(
                        "'" + Thread.currentThread().getName() + "' runs no child",
                        "inFencedTransaction of its ChildContext");
    }

    @Test
    void p2AnotherThreadWorksForAChildWithinItsFencedTransaction() {
        runner.run(context -> {
            ScriptedChild child = started(context);
            Orders orders = context.getBean(Orders.class);

            Background.call(() -> child.lastRun().inFencedTransaction(() -> orders.write("from elsewhere", () -> {})))
                    .result();

            assertThat(written()).isEqualTo("from elsewhere");
            assertThatThrownBy(() -> Background.call(() -> orders.write("nobody's", () -> {}))
                            .result())
                    .isInstanceOf(IllegalStateException.class);
        });
    }

    @Test
    void p2AMethodThatNoProxySeesIsRefusedAtTheStart() {
        for (Class<?> type : new Class<?>[] {PrivateMethod.class, FinalMethod.class, StaticMethod.class}) {
            runner.withBean(type).run(context -> {
                assertThat(context).hasFailed();
                assertThat(context.getStartupFailure())
                        .rootCause()
                        .isInstanceOfSatisfying(SupervisorStartException.class, e -> {
                            assertThat(e.problem()).isEqualTo(Problem.UNSUPPORTED_FENCED_METHOD);
                            assertThat(e).hasMessageContaining(type.getName() + ".write");
                        });
            });
        }
    }

    private void take() {
        database.jdbc()
                .sql("update mirrored_supervisor.child set owner = ?," + " fencing_token = fencing_token + 1")
                .param(PeerId.random().value())
                .update();
    }

    private String written() {
        return database.jdbc()
                .sql("select string_agg(what, ',') from written")
                .query(String.class)
                .optional()
                .orElse(null);
    }

    private static ScriptedChild started(AssertableApplicationContext context) {
        assertThat(context).hasNotFailed();
        ScriptedChild child = context.getBean(ScriptedChild.class);
        await().atMost(PATIENCE).until(() -> child.runs.size() == 1);
        return child;
    }

    static class Application {

        @Bean
        @MirroredChild("writer")
        ScriptedChild writer() {
            return new ScriptedChild();
        }

        @Bean
        Orders orders(JdbcClient jdbc) {
            return new Orders(jdbc);
        }

        @Bean
        Ledger ledger() {
            return new Ledger();
        }
    }

    static class Orders {

        private final JdbcClient jdbc;

        Orders(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @FencedTransactional
        int write(String what, Runnable meanwhile) {
            meanwhile.run();
            return jdbc.sql("insert into written values (?)").param(what).update();
        }

        @Transactional
        @FencedTransactional
        public int writeInBoth(String what, Runnable meanwhile) {
            return write(what, meanwhile);
        }

        @FencedTransactional
        public int writeAndFail(String what) throws IOException {
            write(what, () -> {});
            throw new IOException(what);
        }
    }

    @FencedTransactional
    static class Ledger {

        public boolean isInTransaction() {
            return TransactionSynchronizationManager.isActualTransactionActive();
        }

        boolean isInTransactionInside() {
            return TransactionSynchronizationManager.isActualTransactionActive();
        }

        @Override
        public String toString() {
            return "the ledger";
        }
    }

    static class PrivateMethod {
        @FencedTransactional
        private void write() {}
    }

    static class FinalMethod {
        @FencedTransactional
        final void write() {}
    }

    static class StaticMethod {
        @FencedTransactional
        static void write() {}
    }
}
