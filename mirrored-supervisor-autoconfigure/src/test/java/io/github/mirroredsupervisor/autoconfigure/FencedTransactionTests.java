package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.FencedAction;
import io.github.mirroredsupervisor.FencingUnavailableException;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.OutagePolicy;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StaleOwnerException;
import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.Proxy;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.io.IOException;
import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** P2 with real peers and a real database: what a stale run writes is never committed (faults I6–I8). */
public class FencedTransactionTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** The default. */
    private static final Duration LEASE = Duration.ofSeconds(3);

    private static final String TAKE = """
        update mirrored_supervisor.child
        set owner = ?, fencing_token = fencing_token + 1
        where id = 'writer'
        """;

    private final Database database = TestPostgres.clearedDatabase(FencedTransactionTests.class);

    private final ApplicationContextRunner runner =
            TestContexts.supervisor(database).withPropertyValues("spring.application.name=shop");

    @BeforeEach
    void createTable() {
        database.execute("drop table if exists written", "create table written (token bigint, what text)");
    }

    /** How a child may handle the exception. */
    enum Treatment {
        SWALLOWED,
        WRAPPED,
        RETHROWN
    }

    @Test
    void p2TheWorkOfThePresentRunIsCommitted() {
        withWriter((writer, context) -> {
            Object result = writer.does(child -> child.inFencedTransaction(() -> {
                write(context, child, "order");
                return 42;
            }));

            assertThat(result).isEqualTo(42);
            assertThat(written()).containsExactly("order");
            assertThat(writer.lastRun().isStopping()).isFalse();
        });
    }

    @Test
    void p2TheSessionIsTaggedAndBoundedForTheTransactionOnly() {
        String settings = "select current_setting('application_name') || ' ' ||"
                + " current_setting('idle_in_transaction_session_timeout')";
        SingleConnectionDataSource one =
                new SingleConnectionDataSource(database.jdbcUrl(), database.username(), database.password(), true);
        withWriter(one, (writer, context) -> {
            JdbcClient jdbc = JdbcClient.create(one);
            PeerId self = context.getBean(MirroredSupervisor.class).self();
            String before = jdbc.sql(settings).query(String.class).single();

            assertThat(writer.does(child -> child.inFencedTransaction(
                            () -> jdbc.sql(settings).query(String.class).single())))
                    .isEqualTo("mirrored-supervisor fence " + self + " 2500ms");

            assertThat(jdbc.sql(settings).query(String.class).single())
                    .isEqualTo(before)
                    .endsWith(" 0");
        });
    }

    @Test
    void takesWorkWithAResultWithoutOneAndThatThrows() {
        withWriter((writer, context) -> {
            AtomicInteger calls = new AtomicInteger();
            writer.does(child -> {
                child.inFencedTransaction(() -> {
                    calls.incrementAndGet();
                });
                child.inFencedTransaction((FencedAction) calls::incrementAndGet);
                int count = child.inFencedTransaction(() -> calls.incrementAndGet());
                assertThat(count).isEqualTo(3);
                assertThatThrownBy(() -> child.inFencedTransaction(() -> {
                            calls.incrementAndGet();
                            throw new IOException("checked");
                        }))
                        .hasRootCauseInstanceOf(IOException.class);
                return null;
            });
            assertThat(calls).hasValue(4);
        });
    }

    @Test
    void p2AnApplicationThatIsStricterWithItselfStaysSo() {
        withWriter((writer, context) -> {
            JdbcClient jdbc = context.getBean(JdbcClient.class);
            TransactionTemplate transaction = transaction(context);
            String limit = "idle_in_transaction_session_timeout";

            assertThat(writer.does(child -> transaction.execute(status -> {
                        jdbc.sql("select set_config('" + limit + "', '700ms', true)")
                                .query(String.class)
                                .single();
                        return child.inFencedTransaction(() ->
                                jdbc.sql("show " + limit).query(String.class).single());
                    })))
                    .isEqualTo("700ms");
        });
    }

    @ParameterizedTest
    @EnumSource
    void p2AStaleRunCommitsNothingAndIsNotRestartedHoweverItTakesIt(Treatment treatment) {
        Events events = new Events();
        runner.withUserConfiguration(Writer.class)
                .withBean(Events.class, () -> events)
                .run(first -> {
                    ScriptedChild writer = started(first, "writer");
                    runner.withUserConfiguration(Writer.class).run(second -> {
                        PeerId other = second.getBean(MirroredSupervisor.class).self();
                        ScriptedChild successor = second.getBean(ScriptedChild.class);
                        ChildContext run = writer.lastRun();

                        assertThatThrownBy(() -> writer.failsAt(child -> treat(
                                        treatment,
                                        () -> child.inFencedTransaction(() -> {
                                            write(first, child, "late");
                                            take(other);
                                            return null;
                                        }))))
                                .satisfies(failure -> assertThat(
                                                treatment == Treatment.WRAPPED ? failure.getCause() : failure)
                                        .isInstanceOf(StaleOwnerException.class)
                                        .hasMessageContainingAll("'writer'", Long.toString(run.fencingToken())));

                        assertThat(run.isStopping()).isTrue();
                        await().atMost(PATIENCE).until(() -> successor.runs.size() == 1);
                        assertThat(successor.lastRun().fencingToken()).isGreaterThan(run.fencingToken());
                        assertThat(written()).isEmpty();
                        events.awaitStopped("NOT_OWNED");
                        assertThat(events.of(SupervisorEvent.ChildExited.class)).isEmpty();
                        assertThat(writer.runs).hasSize(1);
                        assertThat(restarts()).isZero();
                    });
                });
    }

    private static Object treat(Treatment treatment, ScriptedCall call) throws Exception {
        try {
            return call.run();
        } catch (StaleOwnerException e) {
            throw treatment == Treatment.WRAPPED ? new IOException("could not deliver", e) : e;
        }
    }

    /** The refused run swallows the exception and continues. Its next call must be refused too. */
    @Test
    void p2ARunThatGoesOnAfterARefusalIsToldToStopAndRefusedForEver() {
        withWriter((writer, context) -> {
            PeerId stranger = PeerId.random();
            AtomicReference<Throwable> second = new AtomicReference<>();
            AtomicReference<Boolean> interrupted = new AtomicReference<>();
            writer.does(child -> {
                assertThatThrownBy(() -> child.inFencedTransaction(() -> {
                            write(context, child, "late");
                            take(stranger);
                            return null;
                        }))
                        .isInstanceOf(StaleOwnerException.class);
                interrupted.set(Thread.interrupted());
                try {
                    child.inFencedTransaction(() -> write(context, child, "later still"));
                } catch (StaleOwnerException e) {
                    second.set(e);
                }
                return null;
            });

            assertThat(interrupted).hasValue(true);
            assertThat(second.get()).hasMessageContaining("NOT_OWNED");
            assertThat(written()).isEmpty();
        });
    }

    @Test
    void p2ARunIsStaleToTheNextOneOfTheSamePeer() {
        withWriter((writer, context) -> {
            assertThatThrownBy(() -> writer.does(child -> child.inFencedTransaction(() -> {
                        write(context, child, "late");
                        database.execute("update mirrored_supervisor.child set fencing_token = fencing_token + 1");
                        return null;
                    })))
                    .isInstanceOf(StaleOwnerException.class);

            assertThat(written()).isEmpty();
        });
    }

    @Test
    void p2ARunWhoseRowIsGoneCommitsNothing() {
        withWriter((writer, context) -> {
            assertThatThrownBy(() -> writer.does(child -> child.inFencedTransaction(() -> {
                        write(context, child, "late");
                        database.execute("delete from mirrored_supervisor.child where id = 'writer'");
                        return null;
                    })))
                    .isInstanceOf(StaleOwnerException.class);

            assertThat(written()).isEmpty();
            assertThat(writer.runs.get(0).isStopping()).isTrue();
        });
    }

    @Test
    void p2ATransactionThatIsOpenIsJoinedAndRefusedAsAWhole() {
        withWriter((writer, context) -> {
            TransactionTemplate transaction = transaction(context);
            assertThatThrownBy(() -> writer.does(child -> transaction.execute(status -> {
                        write(context, child, "before");
                        child.inFencedTransaction(() -> write(context, child, "fenced"));
                        take(PeerId.random());
                        return write(context, child, "after");
                    })))
                    .isInstanceOf(StaleOwnerException.class);

            assertThat(written()).isEmpty();
            assertThat(writer.runs.get(0).isStopping()).isTrue();
        });
    }

    @Test
    void p2AJoinedTransactionOfThePresentRunIsCommittedByTheOneAround() {
        withWriter((writer, context) -> {
            TransactionTemplate transaction = transaction(context);
            writer.does(child -> transaction.execute(status -> {
                child.inFencedTransaction(() -> write(context, child, "fenced"));
                assertThat(written()).isEmpty();
                return write(context, child, "after");
            }));

            assertThat(written()).containsExactly("fenced", "after");
        });
    }

    @Test
    void p2FailedWorkIsRolledBackAndTakesTheTransactionAroundWithIt() {
        withWriter((writer, context) -> {
            TransactionTemplate transaction = transaction(context);
            IllegalStateException failure = new IllegalStateException("no such order");
            assertThatThrownBy(() -> writer.does(child -> child.inFencedTransaction(() -> {
                        write(context, child, "half");
                        throw failure;
                    })))
                    .isSameAs(failure);
            assertThatThrownBy(() -> writer.does(child -> child.inFencedTransaction(() -> {
                        write(context, child, "half");
                        throw new IOException("no such file");
                    })))
                    .isInstanceOf(UndeclaredThrowableException.class)
                    .hasRootCauseMessage("no such file");
            assertThatThrownBy(() -> writer.does(child -> transaction.execute(status -> {
                        write(context, child, "around");
                        try {
                            return child.inFencedTransaction(() -> {
                                throw failure;
                            });
                        } catch (IllegalStateException swallowed) {
                            return null;
                        }
                    })))
                    .isInstanceOf(UnexpectedRollbackException.class);

            assertThat(written()).isEmpty();
            assertThat(writer.lastRun().isStopping()).isFalse();
        });
    }

    @Test
    void p2TheCheckComesLastAndOnceHoweverOftenATransactionIsJoined() {
        RecordingDataSource recording = new RecordingDataSource(database);
        withWriter(recording, (writer, context) -> {
            recording.sent.clear();
            writer.does(child -> child.inFencedTransaction(() -> {
                write(context, child, "outer");
                TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                    @Override
                    public void beforeCommit(boolean readOnly) {
                        write(context, child, "callback");
                    }
                });
                child.inFencedTransaction(() -> write(context, child, "inner"));
                return child.inFencedTransaction(() -> write(context, child, "inner again"));
            }));

            assertThat(written()).containsExactly("outer", "inner", "inner again", "callback");
            assertThat(recording.sent).hasSize(7);
            assertThat(recording.sent.get(0)).startsWith("select pg_catalog.set_config");
            assertThat(recording.sent.subList(1, 5)).allMatch(sql -> sql.startsWith("insert"));
            assertThat(recording.sent.get(5)).contains("for share").endsWith("commit");
            assertThat(recording.sent.get(6)).isEqualTo("commit"); // which the driver does not send any more
        });
    }

    @Test
    void theCheckCommitsIfNothingElseIsLeftToDo() {
        RecordingDataSource recording = new RecordingDataSource(database);
        withWriter(recording, (writer, context) -> {
            List<String> seen = new ArrayList<>();
            recording.beforeCommit(() -> seen.addAll(written()));
            writer.does(child -> child.inFencedTransaction(() -> write(context, child, "together")));

            assertThat(seen).containsExactly("together");

            seen.clear();
            follow(context, () -> write(context, writer.lastRun(), "by a listener"));
            writer.does(child -> child.inFencedTransaction(() -> write(context, child, "checked")));

            assertThat(seen).containsExactly("together");
            assertThat(written()).containsExactly("together", "checked", "by a listener");
        });
    }

    @Test
    void p2AListenerAfterTheCheckIsFencedToo() {
        withWriter((writer, context) -> {
            follow(context, () -> write(context, writer.lastRun(), "by a listener"));
            assertThatThrownBy(() -> writer.does(child -> child.inFencedTransaction(() -> {
                        take(PeerId.random());
                        return write(context, child, "late");
                    })))
                    .isInstanceOf(StaleOwnerException.class);

            assertThat(written()).isEmpty();
        });
    }

    /** What the server refuses only at the commit is no sign of a stale run. */
    @Test
    void aCommitThatTheServerRefusesIsReportedAsSuch() {
        database.execute("drop table if exists once", "create table once (n int unique deferrable initially deferred)");
        withWriter((writer, context) -> {
            assertThatThrownBy(() -> writer.does(child -> child.inFencedTransaction(() -> {
                        write(context, child, "twice");
                        return context.getBean(JdbcClient.class)
                                .sql("insert into once values (1), (1)")
                                .update();
                    })))
                    .isInstanceOf(DataIntegrityViolationException.class);

            assertThat(written()).isEmpty();
            assertThat(writer.lastRun().isStopping()).isFalse();
            writer.does(child -> child.inFencedTransaction(() -> write(context, child, "again")));
            assertThat(written()).containsExactly("again");
        });
    }

    /** Lets a listener do this after the check. */
    private static void follow(AssertableApplicationContext context, Runnable task) {
        context.getBean(JdbcTransactionManager.class).addListener(new TransactionExecutionListener() {
            @Override
            public void beforeCommit(TransactionExecution transaction) {
                task.run();
            }
        });
    }

    @Test
    void p2WithinACommitTheWorkIsFencedWithIt() {
        withWriter((writer, context) -> {
            writer.does(child -> transaction(context).execute(status -> {
                write(context, child, "before");
                atCommit(() -> child.inFencedTransaction(() -> write(context, child, "callback")));
                return null;
            }));
            assertThat(written()).containsExactly("before", "callback");

            assertThatThrownBy(() -> writer.does(child -> transaction(context).execute(status -> {
                        write(context, child, "stale");
                        take(PeerId.random());
                        atCommit(() -> child.inFencedTransaction(() -> write(context, child, "stale callback")));
                        return null;
                    })))
                    .isInstanceOf(StaleOwnerException.class);
            assertThat(written()).containsExactly("before", "callback");
            assertThat(writer.runs.get(0).isStopping()).isTrue();
        });
    }

    @Test
    void p2WithinAFencedCommitTheCheckIsNotPutOff() {
        withWriter((writer, context) -> {
            assertThatThrownBy(() -> writer.does(child -> child.inFencedTransaction(() -> {
                        write(context, child, "stale");
                        atCommit(() -> child.inFencedTransaction(() -> {
                            registerNothing();
                            return write(context, child, "stale callback");
                        }));
                        take(PeerId.random());
                        return null;
                    })))
                    .isInstanceOf(StaleOwnerException.class);
            assertThat(written()).isEmpty();
        });
    }

    @Test
    void p2AfterACommitThereIsNothingToJoinButAnotherTransactionMayBegin() {
        withWriter((writer, context) -> {
            TransactionTemplate another = transaction(context);
            another.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
            AtomicReference<Throwable> afterCommit = new AtomicReference<>();
            AtomicReference<Throwable> afterCompletion = new AtomicReference<>();
            writer.does(child -> transaction(context).execute(status -> {
                TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                    @Override
                    public void afterCommit() {
                        afterCommit.set(
                                catchThrowable(() -> child.inFencedTransaction(() -> write(context, child, "lost"))));
                        another.executeWithoutResult(
                                inner -> child.inFencedTransaction(() -> write(context, child, "after commit")));
                    }

                    @Override
                    public void afterCompletion(int how) {
                        afterCompletion.set(
                                catchThrowable(() -> child.inFencedTransaction(() -> write(context, child, "lost"))));
                        another.executeWithoutResult(
                                inner -> child.inFencedTransaction(() -> write(context, child, "after completion")));
                    }
                });
                return write(context, child, "before");
            }));

            assertThat(afterCommit.get())
                    .isInstanceOf(FencingUnavailableException.class)
                    .hasMessageContaining("REQUIRES_NEW");
            assertThat(afterCompletion.get())
                    .isInstanceOf(FencingUnavailableException.class)
                    .hasMessageContaining("REQUIRES_NEW");
            assertThat(written()).containsExactly("before", "after commit", "after completion");
            assertThat(writer.lastRun().isStopping()).isFalse();
        });
    }

    /** Transactions of two managers share their callbacks, but not their commits. */
    @Test
    void p2TheCommitOfAnotherManagerWithinTheTransactionEndsNothingOfIt() {
        withWriter((writer, context) -> {
            TransactionTemplate other = other(context);
            writer.does(child -> transaction(context).execute(status -> {
                child.inFencedTransaction(() -> write(context, child, "before"));
                other.executeWithoutResult(inner -> {});
                return child.inFencedTransaction(() -> write(context, child, "after"));
            }));
            assertThat(written()).containsExactly("before", "after");
        });
    }

    @Test
    void p2ATransactionWithinOneOfAnotherManagerIsCheckedEachTimeAtItsOwnCommit() {
        withWriter((writer, context) -> {
            TransactionTemplate other = other(context);
            assertThatThrownBy(() -> writer.does(child -> other.execute(outer -> {
                        child.inFencedTransaction(() -> write(context, child, "present"));
                        child.inFencedTransaction(() -> write(context, child, "present too"));
                        return child.inFencedTransaction(() -> {
                            write(context, child, "stale");
                            take(PeerId.random());
                            return null;
                        });
                    })))
                    .isInstanceOf(StaleOwnerException.class);
            assertThat(written()).containsExactly("present", "present too");
        });
    }

    /** On separate connections. */
    private TransactionTemplate other(AssertableApplicationContext context) {
        DataSource connections =
                new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password());
        return new TransactionTemplate((PlatformTransactionManager) context.getAutowireCapableBeanFactory()
                .initializeBean(new JdbcTransactionManager(connections), "other"));
    }

    private static void atCommit(Runnable callback) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void beforeCommit(boolean readOnly) {
                callback.run();
            }
        });
    }

    /** Registers another synchronization, which runs after the check. */
    private static void registerNothing() {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {});
    }

    @Test
    void p2AReadOnlyTransactionIsRefused() {
        withWriter((writer, context) -> {
            TransactionTemplate readOnly = transaction(context);
            readOnly.setReadOnly(true);
            assertThatThrownBy(() -> writer.does(child -> readOnly.execute(
                            status -> child.inFencedTransaction(() -> write(context, child, "never")))))
                    .isInstanceOf(FencingUnavailableException.class)
                    .hasMessageContainingAll("read-only", "lock");

            assertThatThrownBy(() -> writer.does(child -> transaction(context).execute(status -> {
                        context.getBean(JdbcClient.class)
                                .sql("set transaction read only")
                                .update();
                        return child.inFencedTransaction(() -> write(context, child, "never"));
                    })))
                    .isInstanceOf(FencingUnavailableException.class)
                    .hasMessageContainingAll("read-only", "primary");

            assertThat(writer.lastRun().isStopping()).isFalse();
        });
    }

    @Test
    void p2AnOutageOfTheLeaseRefusesWithoutTheDatabaseButNotThoseThatContinue() {
        try (Proxy proxy = new Proxy(database)) {
            RecordingDataSource recording = new RecordingDataSource(database);
            runner.withBean("dataSource", RecordingDataSource.class, () -> recording)
                    .withPropertyValues(ownConnections(proxy.jdbcUrl()))
                    .withPropertyValues("mirrored-supervisor.profile=fast")
                    .withUserConfiguration(Writer.class, Continuing.class)
                    .run(context -> {
                        ScriptedChild writer = started(context, "writer");
                        ScriptedChild continuing = started(context, "continuing");
                        ChildContext lost = writer.lastRun();
                        proxy.freeze();
                        await().atMost(PATIENCE).until(lost::isStopping);
                        recording.sent.clear();

                        assertThatThrownBy(() -> lost.inFencedTransaction(() -> write(context, lost, "late")))
                                .isInstanceOf(StaleOwnerException.class);
                        assertThat(recording.sent).isEmpty();

                        continuing.does(child -> child.inFencedTransaction(() -> write(context, child, "on")));
                        assertThat(written()).containsExactly("on");
                        proxy.thaw();
                    });
        }
    }

    /**
     * The peer stops renewing while its transaction is between the check and the commit, as in a process that is paused
     * there.
     */
    @Test
    void p2ATransactionThatStandsStillHoldsUpNoAdoption() {
        RecordingDataSource recording = new RecordingDataSource(database);
        try (Proxy proxy = new Proxy(database)) {
            runner.withBean("dataSource", RecordingDataSource.class, () -> recording)
                    .withPropertyValues(ownConnections(proxy.jdbcUrl()))
                    .withUserConfiguration(Writer.class)
                    .run(silent -> {
                        ScriptedChild writer = started(silent, "writer");
                        ChildContext run = writer.lastRun();
                        runner.withUserConfiguration(Writer.class).run(adopter -> {
                            ScriptedChild successor = adopter.getBean(ScriptedChild.class);
                            follow(silent, () -> {}); // so that the commit is separate from the check
                            RecordingDataSource.Stall stall = recording.stallNextCommit();
                            CompletableFuture<Object> late = writer.begin(
                                    child -> child.inFencedTransaction(() -> write(silent, child, "late")));
                            stall.awaitReached();
                            proxy.freeze();

                            // Three and a half leases; a lease and an interval would be enough.
                            await().atMost(LEASE.multipliedBy(7).dividedBy(2)).until(() -> successor.runs.size() == 1);
                            assertThat(successor.lastRun().fencingToken()).isGreaterThan(run.fencingToken());
                            stall.letGo();
                            assertThatThrownBy(() -> ScriptedChild.result(late)).isInstanceOf(RuntimeException.class);
                            assertThat(written()).isEmpty();
                        });
                        proxy.thaw();
                    });
        }
    }

    @Test
    void p2ARunThatIsToldToStopMayFinishWhatItHasBegun() {
        withWriter((writer, context) -> {
            writer.lastly = child -> child.inFencedTransaction(() -> write(context, child, "last order"));

            context.getBean(MirroredSupervisor.class).terminateChild("writer");

            ScriptedChild.result(writer.lastOutcome);
            assertThat(written()).containsExactly("last order");
            assertThatThrownBy(() -> writer.lastRun().inFencedTransaction(() -> 1))
                    .isInstanceOf(StaleOwnerException.class)
                    .hasMessageContaining("it has ended");
        });
    }

    @Test
    void p2AnyThreadMayWriteForARun() {
        withWriter((writer, context) -> {
            ChildContext run = writer.lastRun();
            Background.call(() -> run.inFencedTransaction(() -> write(context, run, "from elsewhere")))
                    .result();
            assertThat(written()).containsExactly("from elsewhere");

            assertThatThrownBy(() -> Background.call(() -> run.inFencedTransaction(() -> {
                                take(PeerId.random());
                                return write(context, run, "late");
                            }))
                            .result())
                    .isInstanceOf(StaleOwnerException.class);
            await().atMost(PATIENCE).until(() -> !writer.runs.isEmpty() && run.isStopping());
            assertThat(written()).containsExactly("from elsewhere");
        });
    }

    /** Runs an action with the writer, in a context with one peer. */
    @FunctionalInterface
    private interface WithWriter {
        void with(ScriptedChild writer, AssertableApplicationContext context) throws Exception;
    }

    @FunctionalInterface
    private interface ScriptedCall {
        Object run() throws Exception;
    }

    private void withWriter(WithWriter test) {
        runner.withUserConfiguration(Writer.class).run(context -> test.with(started(context, "writer"), context));
    }

    private void withWriter(DataSource dataSource, WithWriter test) {
        runner.withBean("dataSource", DataSource.class, () -> dataSource)
                .withPropertyValues(ownConnections(database.jdbcUrl()))
                .withUserConfiguration(Writer.class)
                .run(context -> test.with(started(context, "writer"), context));
    }

    private String[] ownConnections(String url) {
        return new String[] {
            "mirrored-supervisor.datasource.url=" + url,
            "mirrored-supervisor.datasource.username=" + database.username(),
            "mirrored-supervisor.datasource.password=" + database.password()
        };
    }

    private static ScriptedChild started(AssertableApplicationContext context, String name) {
        assertThat(context).hasNotFailed();
        ScriptedChild child = context.getBean(name, ScriptedChild.class);
        await().atMost(PATIENCE).until(() -> child.runs.size() == 1);
        return child;
    }

    private static TransactionTemplate transaction(AssertableApplicationContext context) {
        return new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
    }

    /** On the application's connection. */
    private static int write(AssertableApplicationContext context, ChildContext child, String what) {
        return context.getBean(JdbcClient.class)
                .sql("insert into written values (?, ?)")
                .params(child.fencingToken(), what)
                .update();
    }

    /** As an adoption does, on a separate connection. */
    private void take(PeerId owner) {
        assertThat(database.jdbc().sql(TAKE).param(owner.value()).update()).isOne();
    }

    private List<String> written() {
        return database.jdbc()
                .sql("select what from written")
                .query(String.class)
                .list();
    }

    private int restarts() {
        return database.jdbc()
                .sql("select restarts from mirrored_supervisor.child where id = 'writer'")
                .query(Integer.class)
                .single();
    }

    static class Writer {
        @Bean
        @MirroredChild("writer")
        ScriptedChild writer() {
            return new ScriptedChild();
        }
    }

    static class Continuing {
        @Bean
        @MirroredChild(id = "continuing", onOutage = OutagePolicy.CONTINUE)
        ScriptedChild continuing() {
            return new ScriptedChild();
        }
    }

    static class Events {

        private final List<SupervisorEvent> all = new CopyOnWriteArrayList<>();

        @EventListener
        void on(SupervisorEvent event) {
            all.add(event);
        }

        <E extends SupervisorEvent> List<E> of(Class<E> type) {
            return all.stream().filter(type::isInstance).map(type::cast).toList();
        }

        void awaitStopped(String reason) {
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(of(SupervisorEvent.ChildStopped.class))
                            .extracting(SupervisorEvent.ChildStopped::reason)
                            .containsExactly(reason));
        }
    }
}
