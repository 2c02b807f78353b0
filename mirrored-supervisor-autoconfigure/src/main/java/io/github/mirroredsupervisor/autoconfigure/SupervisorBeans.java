package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.mirror.Peer;
import org.springframework.beans.factory.ObjectProvider;

/** Makes the supervisors' beans when they are injected. */
final class SupervisorBeans {

    static final String BEAN = "mirroredSupervisors";

    /** The bean of the peer. */
    static final String PEER = "mirroredSupervisorPeer";

    private final SupervisorDatabase database;

    private final ObjectProvider<Peer> peer;

    SupervisorBeans(SupervisorDatabase database, ObjectProvider<Peer> peer) {
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
