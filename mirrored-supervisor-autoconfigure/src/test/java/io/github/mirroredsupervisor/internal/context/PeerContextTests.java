package io.github.mirroredsupervisor.internal.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.verify;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.lease.Incarnation;
import io.github.mirroredsupervisor.internal.lease.OnStuckChild;
import io.github.mirroredsupervisor.internal.lease.PeerSettings;
import io.github.mirroredsupervisor.internal.lease.PeerState;
import io.github.mirroredsupervisor.internal.platform.EventPublisher;
import io.github.mirroredsupervisor.internal.platform.Platform;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PeerContextTests {

    private final Platform machine = mock();
    private final PeerSettings settings = new PeerSettings(
            "a",
            "host",
            1,
            Duration.ofSeconds(3),
            Duration.ofMillis(600),
            Duration.ofMillis(500),
            Duration.ofSeconds(30),
            OnStuckChild.HALT,
            0);
    private final PeerContext peer = new PeerContext(
            settings,
            new PeerState(Incarnation.of(settings, PeerId.random())),
            mock(),
            mock(),
            machine,
            EventPublisher.unheard(machine),
            Clock.systemUTC(),
            new HighestToken());

    @Test
    void aStuckChildHaltsTheProcessWhereThatIsWanted() {
        peer.stuck("c");
        verify(machine).halt(OnStuckChild.EXIT_STATUS);
    }

    @Test
    void theChildOfTheWarmUpNeverHaltsTheProcess() {
        peer.unheard().stuck("rehearsal");
        verify(machine, never()).halt(anyInt());
    }

    @Test
    void aContradictionEndsAMemberOnly() {
        peer.wentBack("a row is gone");
        assertThat(peer.incarnation().contradicted()).isNotDone();
        peer.state().joined();
        peer.wentBack("a row is gone");
        assertThat(peer.incarnation().contradicted()).isCompletedWithValue("a row is gone");
    }
}
