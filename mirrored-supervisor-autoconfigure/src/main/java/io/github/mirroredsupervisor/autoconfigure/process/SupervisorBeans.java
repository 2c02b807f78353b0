package io.github.mirroredsupervisor.autoconfigure.process;

import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.autoconfigure.database.SupervisorDatabase;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.fencing.TransactionWarning;
import io.github.mirroredsupervisor.internal.peer.Peer;
import org.springframework.beans.factory.ObjectProvider;

/** Creates the supervisor beans when they are injected. */
public final class SupervisorBeans {

    static final String BEAN = "mirroredSupervisors";

    /** The name of the peer's bean. */
    public static final String PEER = "mirroredSupervisorPeer";

    private final SupervisorDatabase database;

    private final ObjectProvider<Peer> peer;

    public SupervisorBeans(SupervisorDatabase database, ObjectProvider<Peer> peer) {
        this.database = database;
        this.peer = peer;
    }

    /**
     * The supervisor of a group.
     *
     * @throws SupervisorStartException if there is no database for it
     */
    MirroredSupervisor supervisor(String group) {
        database.requireThere();
        return TransactionWarning.around(peer.getObject().supervisor(group));
    }
}
