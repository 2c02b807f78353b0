package io.github.mirroredsupervisor.sample.benchmark.contender;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * The floor: every process waits for one advisory lock of a session that it keeps, and who gets it commits one row. It
 * promises next to nothing: a process that hangs keeps the lock, and one whose session was ended does not notice.
 */
@Configuration(proxyBeanMethods = false)
public class LockContender {

    private static final long KEY = 0xF100;

    @Bean
    Participation lock(JdbcConnectionDetails database, DataSource dataSource, Work work) {
        new JdbcTemplate(dataSource).execute("create table if not exists term (number bigint)");
        Crew crew = new Crew(work);
        AtomicReference<Connection> session = new AtomicReference<>();
        AtomicBoolean leaving = new AtomicBoolean();
        return new Participation(
                () -> {
                    session.set(DriverManager.getConnection(
                            database.getJdbcUrl(), database.getUsername(), database.getPassword()));
                    Thread candidate = new Thread(() -> compete(session.get(), crew, leaving), "candidate");
                    candidate.setDaemon(true);
                    candidate.start();
                },
                () -> {
                    leaving.set(true);
                    crew.end();
                    session.get().close();
                });
    }

    private static void compete(Connection session, Crew crew, AtomicBoolean leaving) {
        try (Statement statement = session.createStatement()) {
            statement.execute("select pg_advisory_lock(" + KEY + ")");
            statement.executeUpdate("insert into term values (1)");
            crew.begin(() -> true);
        } catch (SQLException e) {
            if (!leaving.get()) {
                throw new IllegalStateException(e);
            }
        }
    }
}
