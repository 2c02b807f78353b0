package io.github.mirroredsupervisor.sample.benchmark.contender;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.ExecutionContext;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.github.kagkarlsson.scheduler.task.schedule.FixedDelay;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/** db-scheduler: a recurring task that does not end. */
@Configuration(proxyBeanMethods = false)
public class DbSchedulerContender {

    private static final Duration HEARTBEAT = Duration.ofMillis(150);
    private static final int MISSED_HEARTBEATS = 4;
    private static final Duration POLL = Duration.ofMillis(50);

    private static final String TABLE = """
            create table if not exists scheduled_tasks (
              task_name text not null, task_instance text not null, task_data bytea,
              execution_time timestamptz not null, picked boolean not null, picked_by text,
              last_success timestamptz, last_failure timestamptz, consecutive_failures int,
              last_heartbeat timestamptz, version bigint not null, priority smallint,
              primary key (task_name, task_instance))
            """;

    @Bean
    Participation scheduler(DataSource dataSource, Work work, ContenderProperties properties) {
        new JdbcTemplate(dataSource).execute(TABLE);
        RecurringTask<Void> task = Tasks.recurring(work.children().get(0), FixedDelay.of(Duration.ofMillis(1)))
                .execute((instance, context) -> work.run(instance.getTaskName(), () -> mayRun(context)));
        Scheduler scheduler = Scheduler.create(dataSource)
                .startTasks(task)
                .threads(2)
                .pollingInterval(POLL)
                .heartbeatInterval(HEARTBEAT)
                .missedHeartbeatsLimit(MISSED_HEARTBEATS)
                .schedulerName(new SchedulerName.Fixed(properties.peer()))
                .build();
        return new Participation(scheduler::start, scheduler::stop);
    }

    private static boolean mayRun(ExecutionContext context) {
        return !context.getSchedulerState().isShuttingDown()
                && context.getCurrentlyExecuting().getHeartbeatState().getFractionDead() < 1;
    }
}
