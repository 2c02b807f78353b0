package io.github.mirroredsupervisor.sample.benchmark.contender;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredChildType;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.Takeover;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The library: one annotated child, or many that the first process has started by calls. */
@Configuration(proxyBeanMethods = false)
public class MirroredContender {

    static final String TYPE = "child";

    private static final int CALLERS = 16;
    private static final long PATIENCE_MINUTES = 2;

    @Bean
    @MirroredChild("child-1")
    @ConditionalOnProperty(name = "benchmark.children", havingValue = "1")
    ChildProcess only(Work work) {
        return new Child(work);
    }

    @Bean
    ApplicationRunner many(MirroredSupervisor supervisor, ContenderProperties properties) {
        return arguments -> startAll(supervisor, properties, Takeover.AFTER_LEASE);
    }

    @Bean
    @MirroredChildType(TYPE)
    Child type(Work work) {
        return new Child(work);
    }

    static void startAll(MirroredSupervisor supervisor, ContenderProperties properties, Takeover takeover)
            throws InterruptedException {
        if (properties.children() == 1 || properties.number() != 1) {
            return;
        }
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        for (String name : Work.names(properties.children())) {
            callers.execute(() -> supervisor.startChild(ChildSpec.of(name, TYPE).withTakeover(takeover)));
        }
        callers.shutdown();
        callers.awaitTermination(PATIENCE_MINUTES, TimeUnit.MINUTES);
    }

    static final class Child implements ChildProcess {

        private final Work work;

        Child(Work work) {
            this.work = work;
        }

        @Override
        public void run(ChildContext context) {
            work.run(context.childId(), () -> !context.isStopping(), context::mayRun);
        }
    }
}
