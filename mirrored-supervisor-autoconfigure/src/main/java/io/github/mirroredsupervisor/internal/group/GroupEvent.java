package io.github.mirroredsupervisor.internal.group;

import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.Renewal.GroupBeat;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The events that a group's loop handles. Apart from them and what runs report, only its timers make it act.
 */
sealed interface GroupEvent {

    void tell(GroupMember member);

    /** A command to the store was answered, or failed. */
    record StoreReplied(Runnable reply) implements GroupEvent {
        @Override
        public void tell(GroupMember member) {
            reply.run();
        }
    }

    /**
     * A renewal succeeded.
     *
     * @param beat the group as the renewal read it; null if the renewal did not read it
     * @param sweep what to compare even without a known change
     */
    record Renewed(@Nullable GroupBeat beat, Sweep sweep) implements GroupEvent {
        @Override
        public void tell(GroupMember member) {
            member.renewed(beat, sweep);
        }
    }

    /** Everything is to be compared. */
    record LookAtAll() implements GroupEvent {
        @Override
        public void tell(GroupMember member) {
            member.lookAtAll();
        }
    }

    /** A hint that any child may have changed. */
    record Hinted() implements GroupEvent {
        @Override
        public void tell(GroupMember member) {
            member.hinted();
        }
    }

    /**
     * A hint said that these children have changed, and their rows were read.
     *
     * @param rows of those that there are
     */
    record RowsRead(Set<String> childIds, List<ChildRow> rows) implements GroupEvent {
        @Override
        public void tell(GroupMember member) {
            member.rowsRead(childIds, rows);
        }
    }

    /** A call of this process has changed these children's rows, or has just read them. */
    record Look(Set<String> childIds) implements GroupEvent {
        @Override
        public void tell(GroupMember member) {
            member.look(childIds);
        }
    }

    /** A call of this process has written a command into this row. */
    record Commanded(ChildRow row) implements GroupEvent {
        @Override
        public void tell(GroupMember member) {
            member.commanded(row);
        }
    }

    /**
     * A call of this process has inserted these rows for this peer to start.
     *
     * @param heard the greatest token that this process had seen before
     */
    record Inserted(List<ChildRow> rows, long heard) implements GroupEvent {
        @Override
        public void tell(GroupMember member) {
            member.inserted(rows, heard);
        }
    }

    /** A call of this process has read the group's row. */
    record GroupRead(GroupRow row, CompletableFuture<Void> noted) implements GroupEvent {
        @Override
        public void tell(GroupMember member) {
            member.note(row);
            noted.complete(null);
        }
    }

    /** A call failed, but may have inserted rows for this peer. */
    record Doubted() implements GroupEvent {
        @Override
        public void tell(GroupMember member) {
            member.doubt();
        }
    }

    /**
     * Protocol rule 10: the session of another peer is gone.
     *
     * @param releasedAt when, in monotonic nanoseconds
     * @param delay how long to wait for the peers before this one
     */
    record SessionLost(SessionLock lock, long releasedAt, Duration delay) implements GroupEvent {
        @Override
        public void tell(GroupMember member) {
            member.sessionLost(lock, releasedAt, delay);
        }
    }

    /** The peer leaves. */
    record Leave() implements GroupEvent {
        @Override
        public void tell(GroupMember member) {
            member.leave();
        }
    }

    /** The peer leaves, and the store does not answer: all children stop at once. */
    record Hurry() implements GroupEvent {
        @Override
        public void tell(GroupMember member) {
            member.hurry();
        }
    }

    /** This incarnation was declared dead, and the next one is about to join. */
    record Expelled(CompletableFuture<Void> done) implements GroupEvent {
        @Override
        public void tell(GroupMember member) {
            member.expelled();
            done.complete(null);
        }
    }
}
