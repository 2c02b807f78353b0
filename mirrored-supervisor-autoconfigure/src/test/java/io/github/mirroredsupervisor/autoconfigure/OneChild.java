package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.MirroredChild;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** An application with one declared child. */
@Configuration(proxyBeanMethods = false)
class OneChild {

    /** Reaches zero when the child runs. */
    final CountDownLatch runs = new CountDownLatch(1);

    @Bean
    @MirroredChild("one")
    ChildProcess child() {
        return (ChildContext context) -> {
            runs.countDown();
            context.sleep(Duration.ofHours(1));
        };
    }
}
