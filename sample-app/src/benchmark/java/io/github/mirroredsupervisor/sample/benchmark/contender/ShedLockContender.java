package io.github.mirroredsupervisor.sample.benchmark.contender;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import net.javacrumbs.shedlock.core.DefaultLockingTaskExecutor;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockingTaskExecutor;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import net.javacrumbs.shedlock.support.KeepAliveLockProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/** ShedLock: a task that does not end, under a lock that is kept alive. */
@Configuration(proxyBeanMethods = false)
public class ShedLockContender {

    private static final Duration AT_MOST = Duration.ofSeconds(30);
    private static final long RETRY_MILLIS = 100;

    private static final String TABLE = """
            create table if not exists shedlock (
              name varchar(64) primary key, lock_until timestamp not null, locked_at timestamp not null,
              locked_by varchar(255) not null)
            """;

    @Bean
    Participation task(DataSource dataSource, Work work) {
        JdbcTemplate jdbc = new JdbcTemplate(dataSource);
        jdbc.execute(TABLE);
        ScheduledExecutorService keepAlive = Executors.newSingleThreadScheduledExecutor();
        ScheduledExecutorService tries = Executors.newSingleThreadScheduledExecutor();
        LockingTaskExecutor locks = new DefaultLockingTaskExecutor(new KeepAliveLockProvider(
                new JdbcTemplateLockProvider(JdbcTemplateLockProvider.Configuration.builder()
                        .withJdbcTemplate(jdbc)
                        .usingDbTime()
                        .build()),
                keepAlive));
        AtomicBoolean leaving = new AtomicBoolean();
        Runnable attempt = () -> locks.executeWithLock(
                (Runnable) () -> work.run(work.children().get(0), () -> !leaving.get()),
                new LockConfiguration(Instant.now(), "owner", AT_MOST, Duration.ZERO));
        return new Participation(
                () -> tries.scheduleWithFixedDelay(attempt, 0, RETRY_MILLIS, TimeUnit.MILLISECONDS), () -> {
                    leaving.set(true);
                    tries.shutdown();
                    tries.awaitTermination(10, TimeUnit.SECONDS);
                    keepAlive.shutdown();
                });
    }
}
