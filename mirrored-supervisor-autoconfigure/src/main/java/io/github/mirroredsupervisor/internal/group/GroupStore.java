package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.context.Confinement;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.platform.Mailbox;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * How a group's loop uses the store: a command runs on the work thread, and its answer comes back to the loop as an
 * event. Answers come in the order of the commands: when the loop handles one, it has handled the answers to all
 * earlier commands. Confined to the group's loop.
 */
final class GroupStore {

    private final PeerContext peer;
    private final Mailbox<GroupEvent> mailbox;
    private final Confinement confinement;

    /** For each child, how many pending commands may change its row. */
    private final Map<String, Integer> underWay = new HashMap<>();

    private int commands;

    GroupStore(PeerContext peer, Mailbox<GroupEvent> mailbox, Confinement confinement) {
        this.peer = peer;
        this.mailbox = mailbox;
        this.confinement = confinement;
    }

    /**
     * Sends a command.
     *
     * @param unanswered called if the command failed, or if its answer is for an incarnation that has ended: the
     *     outcome is unknown
     */
    <T> void ask(Function<WorkSession, T> command, Consumer<T> answer, Runnable unanswered) {
        assert confinement.holds();
        PeerId asking = peer.incarnation().id();
        commands++;
        try {
            peer.work().submit(session -> {
                Runnable outcome = unanswered;
                try {
                    T result = command.apply(session);
                    outcome = () -> answer(asking, result, answer, unanswered);
                } finally {
                    mailbox.post(new GroupEvent.StoreReplied(replied(outcome)));
                }
            });
        } catch (Throwable unsent) { // a lack of memory, for instance: nobody would answer
            replied(unanswered).run();
            throw unsent;
        }
    }

    private <T> void answer(PeerId asking, T result, Consumer<T> answer, Runnable unanswered) {
        if (peer.incarnation().id().equals(asking)) {
            answer.accept(result);
        } else {
            unanswered.run();
        }
    }

    private Runnable replied(Runnable outcome) {
        return () -> {
            commands--;
            outcome.run();
        };
    }

    /**
     * Sends a command that may change these children's rows. Rows that were read before its answer are not acted on.
     */
    <T> void change(Set<String> childIds, Function<WorkSession, T> command, Consumer<T> answer, Runnable unanswered) {
        childIds.forEach(id -> underWay.merge(id, 1, Integer::sum));
        ask(
                command,
                result -> {
                    arrived(childIds);
                    answer.accept(result);
                },
                () -> {
                    arrived(childIds);
                    unanswered.run();
                });
    }

    private void arrived(Set<String> childIds) {
        childIds.forEach(id -> underWay.computeIfPresent(id, (same, count) -> count == 1 ? null : count - 1));
    }

    /** Whether a command is under way that may change the child's row. */
    boolean isChanging(String childId) {
        return underWay.containsKey(childId);
    }

    /** Whether a command is under way that may change a row. */
    boolean isChanging() {
        return !underWay.isEmpty();
    }

    /** Whether an answer is pending. */
    boolean isAsked() {
        return commands > 0;
    }
}
