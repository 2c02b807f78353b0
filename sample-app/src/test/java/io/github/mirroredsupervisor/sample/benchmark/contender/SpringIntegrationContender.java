package io.github.mirroredsupervisor.sample.benchmark.contender;

import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.jdbc.lock.DefaultLockRepository;
import org.springframework.integration.jdbc.lock.JdbcLockRegistry;
import org.springframework.integration.jdbc.lock.LockRepository;
import org.springframework.integration.leader.AbstractCandidate;
import org.springframework.integration.leader.Context;
import org.springframework.integration.support.leader.LockRegistryLeaderInitiator;
import org.springframework.jdbc.core.JdbcTemplate;

/** Spring Integration's leader election on its JDBC lock registry. */
@Configuration(proxyBeanMethods = false)
public class SpringIntegrationContender {

    private static final Duration TIME_TO_LIVE = Duration.ofMillis(600);
    private static final Duration HEARTBEAT = Duration.ofMillis(120);
    private static final Duration POLL = Duration.ofMillis(50);

    private static final String TABLE = """
            create table if not exists int_lock (
              lock_key char(36) not null, region varchar(100) not null, client_id char(36),
              created_date timestamp not null, expired_after timestamp not null,
              primary key (lock_key, region))
            """;

    @Bean
    DefaultLockRepository lockRepository(DataSource dataSource) {
        new JdbcTemplate(dataSource).execute(TABLE);
        DefaultLockRepository repository = new DefaultLockRepository(dataSource);
        repository.setInsertQuery(repository.getInsertQuery() + " ON CONFLICT DO NOTHING");
        return repository;
    }

    @Bean
    JdbcLockRegistry lockRegistry(LockRepository repository) {
        JdbcLockRegistry registry = new JdbcLockRegistry(repository, TIME_TO_LIVE);
        registry.setIdleBetweenTries(POLL);
        return registry;
    }

    @Bean
    LockRegistryLeaderInitiator initiator(JdbcLockRegistry registry, Work work) {
        LockRegistryLeaderInitiator initiator = new LockRegistryLeaderInitiator(registry, new Owner(new Crew(work)));
        initiator.setHeartBeatMillis(HEARTBEAT.toMillis());
        initiator.setBusyWaitMillis(POLL.toMillis());
        return initiator;
    }

    private static final class Owner extends AbstractCandidate {

        private final Crew crew;

        private Owner(Crew crew) {
            super("benchmark", "owner");
            this.crew = crew;
        }

        @Override
        public void onGranted(Context context) {
            crew.begin(context::isLeader);
        }

        @Override
        public void onRevoked(Context context) {
            crew.end();
        }
    }
}
