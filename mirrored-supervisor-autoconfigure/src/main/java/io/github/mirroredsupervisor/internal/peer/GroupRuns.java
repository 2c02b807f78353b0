package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.OutagePolicy;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.internal.context.ChildFactory;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.lease.Permission;
import io.github.mirroredsupervisor.internal.supervision.run.Fence;
import io.github.mirroredsupervisor.internal.supervision.run.RunEnvironment;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;

/** What the runs of one group need from their peer. Thread-safe. */
final class GroupRuns implements RunEnvironment {

    private final GroupDefinition definition;
    private final PeerContext peer;
    private final PeerEnvironment environment;

    GroupRuns(GroupDefinition definition, PeerContext peer, PeerEnvironment environment) {
        this.definition = definition;
        this.peer = peer;
        this.environment = environment;
    }

    @Override
    public String group() {
        return definition.settings().name();
    }

    @Override
    public ChildProcess create(ChildSpec spec) throws Exception {
        ChildFactory factory = definition.types().get(spec.type());
        if (factory == null) {
            throw new IllegalStateException("this application has no child type '" + spec.type() + "'");
        }
        return factory.create();
    }

    @Override
    public boolean permitsStart() {
        return permits(false);
    }

    @Override
    public boolean permits(ChildSpec spec) {
        return permits(spec.onOutage() == OutagePolicy.CONTINUE);
    }

    private boolean permits(boolean duringOutages) {
        Permission permission = peer.incarnation().permission();
        return permission.valid(nanoTime()) || (duringOutages && permission.deadline() != null);
    }

    @Override
    public <T> T convert(Map<String, Object> arguments, Class<T> type) {
        return environment.arguments().convert(arguments, type);
    }

    @Override
    public Executor later() {
        return peer::later;
    }

    @Override
    public long nanoTime() {
        return peer.machine().nanoTime();
    }

    @Override
    public MirroredSupervisor supervisor() {
        return Objects.requireNonNull(environment.supervisors().get(group()), "every group has a supervisor");
    }

    @Override
    public PeerRef owner() {
        return peer.incarnation().ref();
    }

    @Override
    public Fence fence() {
        return environment.fence();
    }
}
