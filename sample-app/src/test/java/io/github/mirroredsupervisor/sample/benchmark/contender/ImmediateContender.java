package io.github.mirroredsupervisor.sample.benchmark.contender;

import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredChildType;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.Takeover;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** As {@link MirroredContender}, with children that are taken over at once. */
@Configuration(proxyBeanMethods = false)
public class ImmediateContender {

    @Bean
    @MirroredChild(value = "child-1", takeover = Takeover.IMMEDIATE)
    @ConditionalOnProperty(name = "benchmark.children", havingValue = "1")
    ChildProcess only(Work work) {
        return new MirroredContender.Child(work);
    }

    @Bean
    ApplicationRunner many(MirroredSupervisor supervisor, ContenderProperties properties) {
        return arguments -> MirroredContender.startAll(supervisor, properties, Takeover.IMMEDIATE);
    }

    @Bean
    @MirroredChildType(MirroredContender.TYPE)
    MirroredContender.Child type(Work work) {
        return new MirroredContender.Child(work);
    }
}
