package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.internal.calls.GroupCalls;
import io.github.mirroredsupervisor.internal.calls.PeerCalls;
import io.github.mirroredsupervisor.internal.context.GroupDefinition;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.group.GroupLoop;
import io.github.mirroredsupervisor.internal.group.Groups;
import io.github.mirroredsupervisor.internal.lease.LeaseRenewer;
import io.github.mirroredsupervisor.internal.liveness.FailureDetector;
import io.github.mirroredsupervisor.internal.liveness.HeartbeatLoop;
import io.github.mirroredsupervisor.internal.liveness.NotificationLoop;
import io.github.mirroredsupervisor.internal.liveness.Outage;
import io.github.mirroredsupervisor.internal.liveness.PeerMembership;
import io.github.mirroredsupervisor.internal.liveness.SessionWatch;
import io.github.mirroredsupervisor.internal.liveness.TokenCheck;
import io.github.mirroredsupervisor.internal.liveness.Watchdog;
import io.github.mirroredsupervisor.internal.platform.EventPublisher;
import io.github.mirroredsupervisor.internal.platform.Loop;
import io.github.mirroredsupervisor.internal.platform.Platform;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads of a peer: its loops, started when it has joined, and its workers. All end when it has left. */
final class PeerThreads implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PeerThreads.class);

    private final PeerContext peer;
    private final List<GroupDefinition> definitions;
    private final PeerEnvironment environment;
    private final PeerMembership membership;
    private final Groups groups;
    private final PeerCalls calls;
    private final LeaseRenewer renewer;
    private final SessionWatch watch;
    private final EventPublisher measurements;
    private final List<Loop> loops;
    private final WarmUp warmUp;

    private volatile boolean started;

    PeerThreads(
            PeerContext peer,
            List<GroupDefinition> definitions,
            PeerEnvironment environment,
            Store store,
            PeerMembership membership,
            Groups groups,
            PeerCalls calls,
            LeaseRenewer renewer,
            TokenCheck tokens) {
        this.peer = peer;
        this.definitions = definitions;
        this.environment = environment;
        this.membership = membership;
        this.groups = groups;
        this.calls = calls;
        this.renewer = renewer;
        Platform machine = peer.machine();
        this.watch = new SessionWatch(
                store,
                peer.state(),
                groups,
                peer.later(),
                machine,
                peer.settings().lease());
        this.measurements = EventPublisher.forMeasurements(machine);
        FailureDetector detector = new FailureDetector(peer, groups);
        Outage outage = new Outage(peer, groups, detector);
        HeartbeatLoop heartbeats = new HeartbeatLoop(
                peer,
                renewer,
                membership,
                groups,
                detector,
                tokens,
                outage,
                watch,
                environment.monitor(),
                measurements);
        Watchdog watchdog = new Watchdog(peer, outage);
        NotificationLoop hints = new NotificationLoop(
                store.openHints(names(definitions)),
                peer.state(),
                groups,
                peer.settings().lease());
        this.loops = List.of(
                machine.create("mirrored-supervisor-renew", heartbeats::step, heartbeats::close),
                machine.create("mirrored-supervisor-watchdog", watchdog::step, () -> {}),
                machine.create("mirrored-supervisor-listen", hints::step, hints::close));
        this.warmUp = new WarmUp(peer, environment);
    }

    /** On the work thread, once this peer has joined. */
    void start(List<GroupRow> rows) {
        started = true;
        groups.add(definitions.stream().map(d -> group(d, rows)).toList());
        Map<String, GroupCalls> callsOfEach = new LinkedHashMap<>();
        groups.all().forEach(group -> callsOfEach.put(group.group(), new GroupCalls(group, peer)));
        calls.open(callsOfEach);
        groups.all().forEach(GroupLoop::start);
        membership.confirm();
        loops.forEach(Loop::start);
        watch.start();
        // Not at once: the start of the application waits for this peer's first children.
        var unused = peer.state()
                .firstRenewal()
                .thenRun(() -> peer.work().schedule(warmUp::begin, environment.warmUpDelay()));
    }

    private static Set<String> names(List<GroupDefinition> definitions) {
        return definitions.stream()
                .map(definition -> definition.settings().name())
                .collect(Collectors.toSet());
    }

    private GroupLoop group(GroupDefinition definition, List<GroupRow> rows) {
        String name = definition.settings().name();
        GroupRow row = rows.stream()
                .filter(r -> r.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the store lost group '" + name + "' on joining"));
        GroupRow.Flags own = GroupRow.Flags.of(definition.settings());
        if (!own.equals(row.flags())) { // semantics row B11: the group's flags live in its row
            peer.later(() -> log.warn(
                    "Group '{}' has live members with other settings, and this peer uses theirs: {}; its own were {}",
                    name,
                    row.flags(),
                    own));
        }
        return new GroupLoop(
                definition,
                row.flags(),
                peer,
                new GroupRuns(definition, peer, environment),
                environment.childThreads());
    }

    /** Ends all threads, without waiting for them. Children must have been stopped. Throws nothing. */
    @Override
    public void close() {
        calls.close();
        peer.state().ended();
        peer.incarnation().permission().end();
        List<AutoCloseable> parts = new ArrayList<>(loops);
        if (!started) {
            parts.add(renewer); // its loop, which would close it, was not started
        }
        parts.add(watch);
        parts.addAll(groups.all());
        parts.addAll(List.of(warmUp, peer.work(), peer.reads(), peer.events(), measurements));
        parts.forEach(PeerThreads::closeAlone);
    }

    /** A part that cannot be closed leaves no other one open, and whoever waits for the stop does not wait for ever. */
    private static void closeAlone(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            log.warn("A part of this peer did not end in good order", e);
        }
    }
}
