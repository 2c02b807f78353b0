package io.github.mirroredsupervisor.internal.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doThrow;
import static org.mockito.Mockito.mock;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.internal.context.Confinement;
import io.github.mirroredsupervisor.internal.context.HighestToken;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.lease.Incarnation;
import io.github.mirroredsupervisor.internal.lease.PeerState;
import io.github.mirroredsupervisor.internal.platform.EventPublisher;
import io.github.mirroredsupervisor.internal.platform.JvmPlatform;
import io.github.mirroredsupervisor.internal.platform.Mailbox;
import io.github.mirroredsupervisor.internal.store.StoreWorker;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GroupStoreTests {

    private final StoreWorker work =
            StoreWorker.forOwnership(mock(WorkSession.class), new JvmPlatform(), Runnable::run);
    private final PeerState state = new PeerState(incarnation());
    private final Mailbox<GroupEvent> mailbox = new Mailbox<>();
    private final Confinement confinement = new Confinement();
    private final List<String> heard = new ArrayList<>();
    private GroupStore store = store(work);

    private static Incarnation incarnation() {
        PeerId id = PeerId.random();
        return new Incarnation(id, new PeerRef(id, "a", "host", 1), mock());
    }

    private GroupStore store(StoreWorker worker) {
        PeerContext peer = new PeerContext(
                mock(),
                state,
                worker,
                worker,
                new JvmPlatform(),
                EventPublisher.unheard(new JvmPlatform()),
                Clock.systemUTC(),
                new HighestToken());
        return new GroupStore(peer, mailbox, confinement);
    }

    @AfterEach
    void close() {
        work.close();
    }

    @Test
    void aChildIsChangingUntilTheAnswerIsHandled() {
        change(() -> "done");
        GroupEvent answer = awaitAnswer();
        assertThat(store.isChanging("c")).isTrue();
        handle(answer);
        assertThat(heard).containsExactly("done");
        assertIdle();
    }

    @Test
    void aFailureIsNoAnswer() {
        change(() -> {
            throw new IllegalStateException("no answer");
        });
        handle(awaitAnswer());
        assertThat(heard).containsExactly("unanswered");
        assertIdle();
    }

    @Test
    void anAnswerToAnIncarnationThatHasEndedIsNone() {
        change(() -> "done");
        GroupEvent answer = awaitAnswer();
        state.joinsAs(incarnation());
        handle(answer);
        assertThat(heard).containsExactly("unanswered");
        assertIdle();
    }

    @Test
    void whatCannotBeSentIsNotWaitedFor() {
        StoreWorker overloaded = mock();
        doThrow(new OutOfMemoryError("simulated")).when(overloaded).submit(any());
        store = store(overloaded);
        assertThatThrownBy(() -> change(() -> "done")).isInstanceOf(OutOfMemoryError.class);
        assertThat(heard).containsExactly("unanswered");
        assertIdle();
    }

    private void change(Supplier<String> command) {
        confinement.inside(() -> {
            store.change(Set.of("c"), session -> command.get(), heard::add, () -> heard.add("unanswered"));
            return 0;
        });
    }

    private GroupEvent awaitAnswer() {
        await().until(() -> mailbox.first() < mailbox.nextNumber());
        return mailbox.take();
    }

    private void handle(GroupEvent answer) {
        confinement.inside(() -> {
            ((GroupEvent.StoreReplied) answer).reply().run();
            return 0;
        });
    }

    private void assertIdle() {
        assertThat(store.isChanging("c")).isFalse();
        assertThat(store.isChanging()).isFalse();
        assertThat(store.isAsked()).isFalse();
    }
}
