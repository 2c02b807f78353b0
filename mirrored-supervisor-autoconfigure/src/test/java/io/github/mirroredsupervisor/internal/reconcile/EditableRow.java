package io.github.mirroredsupervisor.internal.reconcile;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The row of a child that runs on a live peer, without an unanswered command. A test changes the fields that it needs.
 */
final class EditableRow {

    final String id;

    @Nullable
    PeerId owner;

    PeerState ownerState = PeerState.ALIVE;
    DesiredState desired = DesiredState.RUNNING;
    Phase phase = Phase.RUNNING;
    RestartType restart = RestartType.PERMANENT;
    String type = "t";
    Command command = Command.START;
    boolean readable = true;
    long order = 1;
    long token = 4;
    long revision = 1;
    long answered = 1;

    @Nullable
    PeerId moveTo;

    int suspicions;

    EditableRow(String id, PeerId owner) {
        this.id = id;
        this.owner = owner;
    }

    ChildRow read() {
        return new ChildRow(
                id,
                readable ? ChildSpec.of(id, type).withRestart(restart) : null,
                readable ? null : "unreadable",
                type,
                restart,
                order,
                false,
                desired,
                phase,
                owner,
                null,
                owner == null ? null : ownerState,
                token,
                true,
                revision,
                answered,
                command,
                null,
                moveTo,
                Instant.EPOCH,
                Duration.ZERO,
                0,
                0,
                null,
                null,
                suspicions);
    }
}
