package io.github.mirroredsupervisor.cluster;

import static io.github.mirroredsupervisor.cluster.TestCluster.worker;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.github.mirroredsupervisor.SupervisorEvent.PermissionLost;
import io.github.mirroredsupervisor.cluster.TestCluster.TestPeer;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Application code that does not return: listeners, meter registries, log appenders. No duty of the peer waits for it.
 */
class HangingListenerTests {

    private static final int CHILDREN = 5;

    private final TestCluster cluster = new TestCluster(TestPostgres.migratedDatabase());
    private final CountDownLatch release = new CountDownLatch(1);
    private final CountDownLatch hanging = new CountDownLatch(1);

    @AfterEach
    void closeCluster() {
        release.countDown();
        cluster.close();
        cluster.assertNoOverlaps();
    }

    private void hang() {
        hanging.countDown();
        try {
            release.await(2, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aMonitorThatHangsStopsNeitherRenewalsNorAdoptions() throws Exception {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        IntStream.range(0, CHILDREN).forEach(i -> a.supervisor.startChild(worker("c" + i)));
        b.supervisor.startChild(worker("own"));
        b.onReport = this::hang;
        assertThat(hanging.await(20, TimeUnit.SECONDS)).isTrue();

        cluster.awaitRenewals(b, 10);
        a.kill();
        IntStream.range(0, CHILDREN).forEach(i -> cluster.awaitRunning("c" + i, "b"));
        assertThat(cluster.runners("own")).containsExactly("b");
        release.countDown();
        b.onReport = () -> {};
        assertThat(b.events(PermissionLost.class)).isEmpty();
    }

    @Test
    void anAppenderThatHangsStopsNeitherRenewalsNorAdoptions() throws Exception {
        TestPeer a = cluster.start("a");
        TestPeer b = cluster.start("b");
        IntStream.range(0, CHILDREN).forEach(i -> a.supervisor.startChild(worker("c" + i)));
        Logger logger = (Logger) LoggerFactory.getLogger("io.github.mirroredsupervisor");
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                if (Thread.currentThread().getName().startsWith("mirrored-supervisor")) {
                    hang();
                }
            }
        };
        appender.start();
        logger.addAppender(appender);
        try {
            a.kill();
            assertThat(hanging.await(20, TimeUnit.SECONDS)).isTrue();
            IntStream.range(0, CHILDREN).forEach(i -> cluster.awaitRunning("c" + i, "b"));
            cluster.awaitRenewals(b, 10);
        } finally {
            release.countDown();
            logger.detachAppender(appender);
        }
    }
}
