package io.github.mirroredsupervisor.autoconfigure.coordination;

import io.github.mirroredsupervisor.autoconfigure.schema.SchemaScripts;
import io.github.mirroredsupervisor.internal.postgres.connection.SearchPath;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSource.Attempt;
import io.github.mirroredsupervisor.internal.postgres.source.UnpooledDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.integration.jdbc.lock.DefaultLockRepository;
import org.springframework.integration.jdbc.lock.JdbcLockRegistry;
import org.springframework.integration.leader.Candidate;
import org.springframework.integration.support.leader.LockRegistryLeaderInitiator;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;

/**
 * One process's part in the election of the coordinator: Spring Integration's leader initiator on its JDBC lock
 * registry, in the supervisor's schema. None of its parts is a bean, because a second data source, transaction manager
 * or lock registry would make the application's own ambiguous. It opens a connection for each of its rare transactions
 * and keeps none.
 */
final class CoordinatorElection implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(CoordinatorElection.class);

    private static final String TABLE_PREFIX = SchemaScripts.SCHEMA + ".int_";

    private static final Duration END_OF_THREAD = Duration.ofSeconds(5);

    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(5);

    private final DefaultLockRepository repository;

    private final LockRegistryLeaderInitiator initiator;

    private final SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor("mirrored-supervisor-election-");

    CoordinatorElection(ConnectionSettings connection, CoordinatorTiming timing, Candidate candidate) {
        this.repository = repository(dataSource(connection));
        JdbcLockRegistry locks = new JdbcLockRegistry(repository, timing.timeToLive());
        locks.setIdleBetweenTries(timing.heartbeat());
        this.initiator = new LockRegistryLeaderInitiator(locks, candidate);
        initiator.setHeartBeatMillis(timing.heartbeat().toMillis());
        initiator.setBusyWaitMillis(timing.retry().toMillis());
        threads.setDaemon(true);
        threads.setTaskTerminationTimeout(END_OF_THREAD.toMillis());
        initiator.setTaskExecutor(threads);
    }

    private static DataSource dataSource(ConnectionSettings connection) {
        return new UnpooledDataSource(
                connection.source(),
                // A stalled election must end by itself, however long the driver's own time-outs are.
                new Attempt("mirrored-supervisor coordinator", LONGEST_ANSWER, LONGEST_ANSWER));
    }

    private static DefaultLockRepository repository(DataSource dataSource) {
        DefaultLockRepository repository = new DefaultLockRepository(dataSource);
        repository.setPrefix(TABLE_PREFIX);
        // Without this, each attempt by a process that is not the leader writes an error to the server's log.
        repository.setInsertQuery(repository.getInsertQuery() + " ON CONFLICT DO NOTHING");
        repository.setTransactionManager(new OwnNames(dataSource));
        repository.setCheckDatabaseOnStart(false);
        repository.afterPropertiesSet();
        repository.afterSingletonsInstantiated();
        repository.start();
        return repository;
    }

    void open() {
        initiator.start();
    }

    /** Deletes the locks of processes that are gone. */
    void deleteExpired() {
        repository.deleteExpired();
    }

    /** Ends the candidacy and releases the lock; bounded by the connection's time-outs. */
    @Override
    public void close() {
        initiator.stop();
        threads.close();
        try {
            repository.close();
        } catch (RuntimeException ex) {
            log.debug("The coordinator's lock is left to expire", ex);
        }
    }

    /** Pins the search path in every transaction, because the repository's statements contain unqualified names. */
    private static final class OwnNames extends JdbcTransactionManager {

        private static final long serialVersionUID = 1L;

        OwnNames(DataSource dataSource) {
            super(dataSource);
        }

        @Override
        protected void prepareTransactionalConnection(Connection connection, TransactionDefinition definition)
                throws SQLException {
            SearchPath.pinTransaction(connection);
            super.prepareTransactionalConnection(connection, definition);
        }
    }
}
