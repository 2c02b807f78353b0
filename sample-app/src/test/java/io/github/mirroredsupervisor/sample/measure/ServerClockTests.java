package io.github.mirroredsupervisor.sample.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.mirroredsupervisor.sample.cluster.WallClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerClockTests {

    private static final long SLACK_NANOS = Duration.ofSeconds(5).toNanos();

    private ServerClock clock;

    @BeforeEach
    void isRight(@TempDir Path folder) {
        clock = new ServerClock(new WallClock(folder.resolve("clock")));
    }

    @Test
    void knowsWhenItShowedSomethingWhileItWasRight() {
        assertShownNow(Duration.ZERO);
    }

    @Test
    void knowsWhenItShowedSomethingWhileItWasWrong() {
        clock.set(Duration.ofHours(1));
        assertShownNow(Duration.ofHours(1));
        clock.set(Duration.ofHours(-1));
        assertShownNow(Duration.ofHours(-1));
    }

    @Test
    void knowsItAfterItWasPutRight() {
        clock.set(Duration.ofHours(-1));
        clock.set(Duration.ZERO);
        assertShownNow(Duration.ofHours(-1));
        assertShownNow(Duration.ZERO);
    }

    private void assertShownNow(Duration ahead) {
        long nanos = clock.nanos().applyAsLong(Instant.now().plus(ahead));
        assertThat(nanos - System.nanoTime()).isCloseTo(0, within(SLACK_NANOS));
    }
}
