package io.github.mirroredsupervisor.internal.liveness;

import io.github.mirroredsupervisor.SupervisorEvent;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.group.GroupLoop;
import io.github.mirroredsupervisor.internal.group.Groups;
import io.github.mirroredsupervisor.internal.group.Sweep;
import io.github.mirroredsupervisor.internal.lease.Incarnation;
import io.github.mirroredsupervisor.internal.lease.LeaseRenewer;
import io.github.mirroredsupervisor.internal.lease.LeaseRenewer.Answer;
import io.github.mirroredsupervisor.internal.lease.PeerObservations;
import io.github.mirroredsupervisor.internal.platform.EventPublisher;
import io.github.mirroredsupervisor.internal.platform.PeerMonitor;
import io.github.mirroredsupervisor.internal.platform.Threads;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import io.github.mirroredsupervisor.internal.store.rows.Renewal.GroupBeat;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the lease, observes the other peers by the same answer, and does what follows from it (protocol rules 1 to 3
 * and 11b). Runs on the renew thread, which does nothing else. No failure ends the loop.
 */
public final class HeartbeatLoop {

    private static final Logger log = LoggerFactory.getLogger(HeartbeatLoop.class);

    /** Once in this many renewals the digests of the groups are compared: rows may be edited by hand. */
    private static final int RENEWALS_PER_DIGEST = 10;

    /** Once in this many renewals everything is compared: not everything that may be edited is in the digests. */
    private static final int RENEWALS_PER_SWEEP = 10 * RENEWALS_PER_DIGEST;

    private final PeerContext peer;
    private final LeaseRenewer renewer;
    private final PeerMembership membership;
    private final Groups groups;
    private final FailureDetector detector;
    private final TokenCheck tokens;
    private final Outage outage;
    private final SessionWatch watch;
    private final PeerMonitor monitor;
    private final EventPublisher measurements;

    private int renewalsSinceSweep;

    /** When the last renewal that was answered was sent. */
    private long lastSentAt;

    /** The incarnation whose contradiction is acted on. */
    private @Nullable Incarnation heeded;

    /**
     * Nothing is renewed yet.
     *
     * @param measurements runs the monitor's reports of renewals
     */
    public HeartbeatLoop(
            PeerContext peer,
            LeaseRenewer renewer,
            PeerMembership membership,
            Groups groups,
            FailureDetector detector,
            TokenCheck tokens,
            Outage outage,
            SessionWatch watch,
            PeerMonitor monitor,
            EventPublisher measurements) {
        this.peer = peer;
        this.renewer = renewer;
        this.membership = membership;
        this.groups = groups;
        this.detector = detector;
        this.tokens = tokens;
        this.outage = outage;
        this.watch = watch;
        this.monitor = monitor;
        this.measurements = measurements;
    }

    /** Tries one renewal, or to join anew. Returns how many nanoseconds to wait before the next step. */
    public long step() {
        long startedAt = peer.machine().nanoTime();
        Duration pause = peer.settings().renewInterval();
        try {
            if (!peer.isJoined() && !peer.isLeaving()) {
                rejoin();
            }
            Incarnation me = peer.state().member();
            if (me != null) {
                pause = renew(me);
            }
        } catch (Throwable e) {
            unforeseen(e);
        }
        return pause.toNanos() - (peer.machine().nanoTime() - startedAt);
    }

    private @Nullable Void unforeseen(Throwable e) {
        Threads.say(() ->
                peer.later(() -> log.error("A renewal failed in an unforeseen way; the next one is tried in time", e)));
        return null;
    }

    /** Closes the connection. Called after the last step. */
    public void close() {
        renewer.close();
    }

    private Duration renew(Incarnation me) {
        if (!me.equals(heeded)) {
            heeded = me;
            lastSentAt = peer.machine().nanoTime();
            var unused = me.contradicted()
                    .thenAccept(contradiction -> wentBack(me, contradiction))
                    .exceptionally(this::unforeseen);
        }
        LeaseRenewer.Outcome outcome = renewer.renew(me);
        switch (outcome.meaning()) {
            case RENEWED -> renewed(me, Objects.requireNonNull(outcome.answer(), "an answer renews"));
            case FAILED -> failed();
            case DECLARED_DEAD -> declaredDead(me);
            case CONTRADICTED -> me.contradicted().complete(outcome.contradiction());
        }
        return outcome.pause();
    }

    private void renewed(Incarnation me, Answer answer) {
        Renewal renewal = answer.renewal();
        Duration unseen = answer.unseen();
        if (unseen != null) {
            suspended(me, unseen);
        }
        tokens.answeredBy(renewal.server()); // before the permission is extended, as children may start then
        if (answer.wasAway() && !outage.isUnderWay()) {
            // This thread continued before the watchdog did. What was granted before must not begin now either.
            outage.expired();
        }
        long sentAt = answer.sentAt();
        long repliedAt = answer.repliedAt();
        boolean hadGap = repliedAt - lastSentAt
                > peer.settings().renewInterval().multipliedBy(2).toNanos();
        lastSentAt = sentAt;
        me.permission().extend(sentAt, repliedAt);
        measurements.execute(() -> monitor.renewed(Duration.ofNanos(repliedAt - sentAt)));
        boolean peersWent = detector.observed(renewal, repliedAt, answer.late());
        watch.observe(me.id(), renewal.locks());
        Duration away = outage.endAt(repliedAt);
        if (away != null) {
            peer.later(() -> log.info("The lease is renewed: children may run again after {} ms", away.toMillis()));
            peer.publish(new SupervisorEvent.PermissionRegained(peer.now(), me.id(), away));
        }
        tokens.settle();
        peer.state().firstRenewal().complete(null);
        tellGroups(renewal, sweep(peersWent || away != null, hadGap));
    }

    /**
     * What to compare.
     *
     * @param due whether something has changed
     * @param hadGap whether the last renewals were so far apart that the database may have gone back to a time between
     *     them without contradicting either (protocol rule 11b)
     */
    private Sweep sweep(boolean due, boolean hadGap) {
        renewalsSinceSweep++;
        if (due || renewalsSinceSweep >= RENEWALS_PER_SWEEP) {
            renewalsSinceSweep = 0;
            return Sweep.FULL;
        }
        return hadGap || renewalsSinceSweep % RENEWALS_PER_DIGEST == 0 ? Sweep.IF_CHANGED : Sweep.NONE;
    }

    private void tellGroups(Renewal renewal, Sweep sweep) {
        for (GroupLoop group : groups.all()) {
            GroupBeat beat = renewal.groups().get(group.group());
            if (beat == null && !peer.isLeaving()) {
                peer.wentBack("the row of group '" + group.group() + "' or of this peer's membership is gone");
                return;
            }
            group.renewed(beat, sweep);
        }
    }

    private void failed() {
        measurements.execute(monitor::renewalFailed);
        detector.startAnew();
    }

    /**
     * This machine stood still without noticing it, so the permission lasted longer than it should have. The answer
     * just received counts as a new start. Acts before it logs, as the watchdog does.
     */
    private void suspended(Incarnation me, Duration unseen) {
        outage.begin();
        peer.later(() -> log.error(
                "This machine stood still for about {} ms without its clock showing it, or the database's clock was set forward:"
                        + " children stop here, and start again in place",
                unseen.toMillis()));
        peer.publish(new SupervisorEvent.PeerSuspended(peer.now(), me.id(), unseen));
        peer.publish(new SupervisorEvent.PermissionLost(peer.now(), me.id()));
    }

    private void declaredDead(Incarnation me) {
        if (end(me)) {
            peer.later(() -> log.error(
                    "This peer, {}, was declared dead: its children stop here, and it joins anew under another id",
                    me.id()));
            peer.publish(new SupervisorEvent.PeerExpelled(peer.now(), me.id()));
        }
    }

    /** Any thread. */
    private void wentBack(Incarnation me, String contradiction) {
        Duration patience = PeerObservations.patience(peer.settings().lease());
        membership.waitUntil(peer.machine().nanoTime() + patience.toNanos());
        if (end(me)) {
            peer.later(() -> log.error(
                    "The database went back in time: {}. It was restored, an older copy of it took over, or somebody deleted or replaced rows of"
                            + " schema mirrored_supervisor. The children of this peer, {}, stop here. It joins anew under another id in {} ms,"
                            + " when no peer can run children any more by what was lost, and every fencing token from then on is greater"
                            + " than any that it remembers.",
                    contradiction,
                    me.id(),
                    patience.toMillis()));
            peer.publish(new SupervisorEvent.DatabaseWentBack(peer.now(), me.id(), contradiction));
        }
    }

    /** Returns whether this call ended it; false if the peer's own leave or another call did. */
    private boolean end(Incarnation me) {
        if (peer.state().hasLeft() || !me.permission().endNow()) {
            return false;
        }
        groups.revoke(false);
        peer.state().ended();
        detector.startAnew();
        return true;
    }

    private void rejoin() {
        if (membership.begin()) {
            peer.work().submit(session -> {
                try {
                    // If one loop has not handled this, the next renewal tries again.
                    Duration limit = peer.settings().renewInterval();
                    if (groups.all().stream().allMatch(group -> group.expelled(limit))) {
                        membership.join(session);
                        outage.forget();
                        membership.confirm();
                    }
                } finally {
                    membership.finish();
                }
            });
        }
    }
}
