package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildRef;
import io.github.mirroredsupervisor.FencedWork;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.StaleOwnerException;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.autoconfigure.fencing.FencingTarget;
import io.github.mirroredsupervisor.autoconfigure.fencing.TransactionFence;
import io.github.mirroredsupervisor.internal.platform.Mailbox;
import io.github.mirroredsupervisor.internal.postgres.children.ChildFence;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.supervision.run.Fence;
import io.github.mirroredsupervisor.internal.supervision.run.FencedRun;
import io.github.mirroredsupervisor.testing.Background;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import io.github.mirroredsupervisor.testing.TestStores;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * P2 as a property: three runs of a child write, each in a separate transaction, while the token is raised twice, in an
 * order that a seed decides. A write that becomes visible after a later token was granted breaks the promise.
 */
public class FenceInterleavingTests {

    private static final int HISTORIES = 200;

    private static final Duration LEASE = Duration.ofSeconds(1);

    /**
     * A run that has not reached its next pause by then most likely waits for a row lock. If not, another order is
     * tested, which is equally valid.
     */
    private static final long ARRIVAL_MILLIS = 25;

    private final Database database = TestPostgres.clearedDatabase(FenceInterleavingTests.class);

    private final List<PeerId> peers = List.of(PeerId.random(), PeerId.random());

    private final ConnectionSettings settings = TestStores.settings(database, LEASE);

    private final WorkSession work = new PostgresStore(settings).openWork();

    private final SingleConnectionDataSource observing =
            new SingleConnectionDataSource(database.jdbcUrl(), database.username(), database.password(), true);

    private final JdbcClient observer = JdbcClient.create(observing);

    @BeforeEach
    void createRows() {
        observer.sql("drop table if exists accepted").update();
        observer.sql("create table accepted (token bigint primary key)").update();
        observer.sql("insert into mirrored_supervisor.supervision_group (name, strategy, intensity, period_ms)"
                        + " values ('orders', 'ONE_FOR_ONE', 1, 1000)")
                .update();
        observer.sql("insert into mirrored_supervisor.child (group_name, id, type, restart, kind)"
                        + " values ('orders', 'writer', 'writer', 'PERMANENT', 'WORKER')")
                .update();
        peers.forEach(peer -> observer.sql(
                        "insert into mirrored_supervisor.peer (id, label, host, pid, lease_ms, stop_ms) values (?, 'p', 'h', 1, 1000, 100)")
                .param(peer.value())
                .update());
    }

    @AfterEach
    void close() {
        work.close();
        observing.close();
    }

    @Test
    void p2NoWriteIsAcceptedOnceALaterTokenIsGranted() throws Exception {
        Outcomes outcomes = new Outcomes();
        for (int seed = 0; seed < HISTORIES; seed++) {
            new History(seed, TransactionFence::new).play(outcomes);
        }
        assertThat(outcomes.violations).isEmpty();
        assertThat(outcomes.accepted).isGreaterThan(HISTORIES);
        assertThat(outcomes.refused).isGreaterThan(HISTORIES / 4);
        assertThat(outcomes.grantsHeldUp).isPositive();
    }

    /** The same histories with a check that locks nothing, to show that the test above can fail. */
    @Test
    void aCheckWithoutALockLetsStaleWritesPass() throws Exception {
        Outcomes outcomes = new Outcomes();
        for (int seed = 0; seed < HISTORIES && outcomes.violations.isEmpty(); seed++) {
            new History(seed, LookingFence::new).play(outcomes);
        }
        assertThat(outcomes.violations).isNotEmpty();
    }

    /** The results of all histories. */
    private static final class Outcomes {

        private final List<String> violations = new ArrayList<>();

        private int accepted;

        private int refused;

        private int grantsHeldUp;
    }

    @FunctionalInterface
    private interface FenceMaker {
        Fence on(FencingTarget.Source target);
    }

    /** One order of events. */
    private final class History {

        private final Random random;

        private final FenceMaker fences;

        private final List<Writer> writers = new ArrayList<>();

        private final List<Long> seen = new ArrayList<>();

        private final StringBuilder story = new StringBuilder();

        History(int seed, FenceMaker fences) {
            this.random = new Random(seed);
            this.fences = fences;
        }

        void play(Outcomes outcomes) throws Exception {
            observer.sql("truncate accepted").update();
            raise();
            int raisesLeft = 2;
            while (raisesLeft > 0 || writers.stream().anyMatch(writer -> !writer.isDone())) {
                long granted = granted();
                int choice = random.nextInt(raisesLeft > 0 ? 2 : 1);
                Writer writer = unfinished();
                if (writer == null || choice == 1) {
                    boolean raised = raise();
                    raisesLeft -= raised ? 1 : 0;
                    outcomes.grantsHeldUp += raised ? 0 : 1;
                } else {
                    story.append(" step of ").append(writer.token);
                    writer.step();
                }
                look(granted, outcomes);
            }
            outcomes.accepted += seen.size();
            for (Writer writer : writers) {
                outcomes.refused += writer.outcome.result().equals("refused") ? 1 : 0;
            }
        }

        private Writer unfinished() {
            List<Writer> open = writers.stream().filter(one -> !one.isDone()).toList();
            return open.isEmpty() ? null : open.get(random.nextInt(open.size()));
        }

        /** Grants a later run on the other peer, as an adoption does. Returns whether the row was not locked. */
        private boolean raise() {
            var row = observer.sql("select owner, fencing_token from mirrored_supervisor.child")
                    .query()
                    .singleRow();
            PeerId owner = row.get("owner") == null ? null : new PeerId((UUID) row.get("owner"));
            PeerId next = peers.get(0).equals(owner) ? peers.get(1) : peers.get(0);
            Map<String, Long> tokens = work.grant(
                    "orders",
                    next,
                    List.of(new OwnedToken("writer", owner, (Long) row.get("fencing_token"))),
                    StartCause.FAILED_OVER,
                    Map.of());
            Long token = tokens.get("writer");
            story.append(token == null ? " grant held up" : " grant of " + token);
            if (token != null) {
                writers.add(new Writer(next, token, fences, random.nextBoolean()));
            }
            return token != null;
        }

        private void look(long grantedBefore, Outcomes outcomes) {
            List<Long> accepted = observer.sql("select token from accepted order by token")
                    .query(Long.class)
                    .list();
            for (Long token : accepted) {
                if (!seen.contains(token)) {
                    seen.add(token);
                    if (token < grantedBefore) {
                        outcomes.violations.add(token + " accepted after the grant of " + grantedBefore + ":" + story);
                    }
                }
            }
        }

        private long granted() {
            return observer.sql("select fencing_token from mirrored_supervisor.child")
                    .query(Long.class)
                    .single();
        }
    }

    /**
     * One run with its own connection. It pauses before its write, before its check, and before the driver's commit,
     * which the check may have carried out.
     */
    private final class Writer {

        private final long token;

        private final FencedRun run;

        private final Background<String> outcome;

        private final Semaphore mayGoOn = new Semaphore(0);

        private final Semaphore arrived = new Semaphore(0);

        private volatile boolean done;

        Writer(PeerId owner, long token, FenceMaker fences, boolean isFollowed) {
            this.token = token;
            this.run = new FencedRun(
                    new ChildRef("orders", "writer", token, new PeerRef(owner, "label", "host", 1)), new Mailbox<>());
            RecordingDataSource dataSource = new RecordingDataSource(database);
            dataSource.beforeCommit(this::pause);
            Fence fence = fences.on(target(dataSource, isFollowed));
            this.outcome = Background.call(() -> write(fence, dataSource));
        }

        private String write(Fence fence, DataSource dataSource) throws Exception {
            try {
                pause();
                return fence.inTransaction(run, () -> {
                    JdbcClient.create(dataSource)
                            .sql("insert into accepted values (?)")
                            .param(token)
                            .update();
                    pause();
                    return "accepted";
                });
            } catch (StaleOwnerException e) {
                return "refused";
            } finally {
                done = true;
                arrived.release();
            }
        }

        private void pause() {
            arrived.release();
            mayGoOn.acquireUninterruptibly();
        }

        /** Lets the run continue to its next pause. */
        void step() throws InterruptedException {
            mayGoOn.release();
            arrived.drainPermits();
            boolean unused = arrived.tryAcquire(ARRIVAL_MILLIS, TimeUnit.MILLISECONDS);
        }

        boolean isDone() {
            return done;
        }
    }

    /**
     * The fence on a data source.
     *
     * @param isFollowed whether another listener comes after it, so that the check is separate from the commit
     */
    private FencingTarget.Source target(DataSource dataSource, boolean isFollowed) {
        DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
        JdbcTransactionManager manager = new JdbcTransactionManager(dataSource);
        beans.registerSingleton("manager", manager);
        FencingTarget.Source source = new FencingTarget.Source(
                beans, null, null, found -> new ChildFence(found, settings, Duration.ofSeconds(30)));
        if (isFollowed) {
            source.get();
            manager.addListener(new TransactionExecutionListener() {});
        }
        return source;
    }

    /** A wrong fence: it reads the row without a lock, so the row can change before the commit. */
    private static final class LookingFence implements Fence {

        private final FencingTarget.Source target;

        LookingFence(FencingTarget.Source target) {
            this.target = target;
        }

        @Override
        public <T> T inTransaction(FencedRun run, FencedWork<T> work) {
            JdbcClient jdbc = JdbcClient.create(target.get().dataSource());
            return new TransactionTemplate(target.get().manager()).execute(status -> {
                TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                    @Override
                    public void beforeCommit(boolean readOnly) {
                        boolean present = jdbc.sql("select fencing_token = ? from mirrored_supervisor.child")
                                .param(run.ref().fencingToken())
                                .query(Boolean.class)
                                .single();
                        if (!present) {
                            throw new StaleOwnerException("late");
                        }
                    }
                });
                try {
                    return work.run();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }
}
