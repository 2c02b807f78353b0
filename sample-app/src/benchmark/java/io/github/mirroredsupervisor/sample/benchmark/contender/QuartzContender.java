package io.github.mirroredsupervisor.sample.benchmark.contender;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import javax.sql.DataSource;
import org.quartz.DisallowConcurrentExecution;
import org.quartz.InterruptableJob;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobExecutionContext;
import org.quartz.JobExecutionException;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.impl.StdSchedulerFactory;
import org.quartz.utils.ConnectionProvider;
import org.quartz.utils.DBConnectionManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/** Quartz in a cluster on PostgreSQL: jobs that do not end. */
@Configuration(proxyBeanMethods = false)
public class QuartzContender {

    private static final String WORK = "work";
    private static final String POOL = "pool";

    @Bean
    Participation scheduler(DataSource dataSource, Work work) throws SchedulerException {
        createTables(dataSource);
        DBConnectionManager.getInstance().addConnectionProvider(POOL, new Pool(dataSource));
        Scheduler scheduler = new StdSchedulerFactory(settings(work.children().size() + 1)).getScheduler();
        scheduler.getContext().put(WORK, work);
        return new Participation(
                () -> {
                    for (String child : work.children()) {
                        schedule(scheduler, child);
                    }
                    scheduler.start();
                },
                () -> scheduler.shutdown(true));
    }

    private static void createTables(DataSource dataSource) {
        Boolean there = new JdbcTemplate(dataSource)
                .queryForObject("select to_regclass('qrtz_locks') is not null", Boolean.class);
        if (!Boolean.TRUE.equals(there)) {
            new ResourceDatabasePopulator(new ClassPathResource("org/quartz/impl/jdbcjobstore/tables_postgres.sql"))
                    .execute(dataSource);
        }
    }

    private static Properties settings(int threads) {
        Properties settings = new Properties();
        settings.setProperty("org.quartz.scheduler.instanceName", "benchmark");
        settings.setProperty("org.quartz.scheduler.instanceId", "AUTO");
        settings.setProperty("org.quartz.scheduler.idleWaitTime", "1000");
        settings.setProperty("org.quartz.scheduler.interruptJobsOnShutdownWithWait", "true");
        settings.setProperty("org.quartz.scheduler.batchTriggerAcquisitionMaxCount", Integer.toString(threads));
        settings.setProperty("org.quartz.jobStore.acquireTriggersWithinLock", "true");
        settings.setProperty("org.quartz.threadPool.class", "org.quartz.simpl.SimpleThreadPool");
        settings.setProperty("org.quartz.threadPool.threadCount", Integer.toString(threads));
        settings.setProperty("org.quartz.jobStore.class", "org.quartz.impl.jdbcjobstore.JobStoreTX");
        settings.setProperty(
                "org.quartz.jobStore.driverDelegateClass", "org.quartz.impl.jdbcjobstore.PostgreSQLDelegate");
        settings.setProperty("org.quartz.jobStore.dataSource", POOL);
        settings.setProperty("org.quartz.jobStore.isClustered", "true");
        settings.setProperty("org.quartz.jobStore.clusterCheckinInterval", "500");
        return settings;
    }

    private static void schedule(Scheduler scheduler, String child) throws SchedulerException {
        if (scheduler.checkExists(JobKey.jobKey(child))) {
            return;
        }
        JobDetail job = JobBuilder.newJob(Owner.class)
                .withIdentity(child)
                .storeDurably()
                .requestRecovery()
                .build();
        Trigger trigger = TriggerBuilder.newTrigger()
                .withIdentity(child)
                .withSchedule(SimpleScheduleBuilder.simpleSchedule()
                        .withIntervalInMilliseconds(100)
                        .repeatForever())
                .build();
        scheduler.scheduleJob(job, trigger);
    }

    /** The job. Quartz creates it. */
    @DisallowConcurrentExecution
    public static class Owner implements InterruptableJob {

        private volatile boolean interrupted;

        @Override
        public void execute(JobExecutionContext context) throws JobExecutionException {
            try {
                Work work = (Work) context.getScheduler().getContext().get(WORK);
                work.run(context.getJobDetail().getKey().getName(), () -> !interrupted);
            } catch (SchedulerException e) {
                throw new JobExecutionException(e);
            }
        }

        @Override
        public void interrupt() {
            interrupted = true;
        }
    }

    private record Pool(DataSource dataSource) implements ConnectionProvider {

        @Override
        public Connection getConnection() throws SQLException {
            return dataSource.getConnection();
        }

        @Override
        public void shutdown() {}

        @Override
        public void initialize() {}
    }
}
