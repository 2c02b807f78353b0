package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.testing.Database;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Records the order of an application's statements and commits, and can pause before a commit. */
final class RecordingDataSource extends DelegatingDataSource {

    private static final long PATIENCE_SECONDS = 60;

    /** Statements as they are prepared, "commit" and "rollback". */
    final List<String> sent = new CopyOnWriteArrayList<>();

    private volatile Runnable beforeCommit = () -> {};

    RecordingDataSource(Database database) {
        super(new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password()));
    }

    /** A commit that is held until it is released. */
    static final class Stall {

        private final CountDownLatch reached = new CountDownLatch(1);

        private final CountDownLatch over = new CountDownLatch(1);

        void awaitReached() {
            await(reached);
        }

        void letGo() {
            over.countDown();
        }

        private void pass() {
            reached.countDown();
            await(over);
        }

        private static void await(CountDownLatch latch) {
            boolean interrupted = false;
            try {
                while (true) {
                    try {
                        assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                                .isTrue();
                        return;
                    } catch (InterruptedException stop) {
                        interrupted = true; // a paused process notices nothing
                    }
                }
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    /** Pauses the next commit. */
    Stall stallNextCommit() {
        Stall stall = new Stall();
        beforeCommit(() -> {
            beforeCommit(() -> {});
            stall.pass();
        });
        return stall;
    }

    /** Runs on the committing thread before each commit is sent. */
    void beforeCommit(Runnable task) {
        beforeCommit = task;
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    note(method, arguments);
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private void note(Method method, Object[] arguments) {
        switch (method.getName()) {
            case "prepareStatement" -> sent.add(((String) arguments[0]).strip());
            case "rollback" -> sent.add("rollback");
            case "commit" -> {
                beforeCommit.run();
                sent.add("commit");
            }
            default -> {
                // does not matter here
            }
        }
    }
}
