package io.github.mirroredsupervisor.internal.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.internal.lease.Incarnation;
import io.github.mirroredsupervisor.internal.platform.JvmPlatform;
import io.github.mirroredsupervisor.internal.platform.Mailbox;
import io.github.mirroredsupervisor.internal.store.StoreWorker;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GroupStoreTests {

    private final PeerContext peer = mock();
    private final StoreWorker work =
            StoreWorker.forOwnership(mock(WorkSession.class), new JvmPlatform(), Runnable::run);
    private final Mailbox<GroupEvent> mailbox = new Mailbox<>();
    private final Confinement confinement = new Confinement();
    private final GroupStore store = new GroupStore(peer, mailbox, confinement);
    private final List<String> heard = new ArrayList<>();

    GroupStoreTests() {
        when(peer.work()).thenReturn(work);
        incarnation();
    }

    private void incarnation() {
        PeerId id = PeerId.random();
        Incarnation incarnation = new Incarnation(id, new PeerRef(id, "a", "host", 1), mock());
        when(peer.incarnation()).thenReturn(incarnation);
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
        incarnation();
        handle(answer);
        assertThat(heard).containsExactly("unanswered");
        assertIdle();
    }

    @Test
    void whatCannotBeSentIsNotWaitedFor() {
        when(peer.work()).thenThrow(new OutOfMemoryError("simulated"));
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
        return await().until(mailbox::takeAll, events -> events.size() == 1).get(0);
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
