package io.github.mirroredsupervisor.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.Phase;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupSettings;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest.Membership;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import io.github.mirroredsupervisor.internal.store.rows.Renewal;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A store without rows for each test, two sessions on it, and what tests do with them. */
public abstract class StoreFixture {

    protected static final String GROUP = "orders";
    protected static final Duration LEASE = Duration.ofSeconds(3);
    protected static final Heartbeat NEVER = new Heartbeat(-1, 0);
    protected static final GroupSettings FLAGS =
            new GroupSettings(GROUP, Strategy.ONE_FOR_ONE, 1, Duration.ofSeconds(5), Duration.ZERO);

    private final List<AutoCloseable> opened = new ArrayList<>();
    protected final PeerId a = PeerId.random();
    protected final PeerId b = PeerId.random();
    protected final PeerId c = PeerId.random();
    protected WorkSession work;
    protected RenewalSession renewals;

    /** A store of one peer; each call returns another one on the same rows. */
    protected abstract Store store();

    @BeforeEach
    void openSessions() {
        Store store = store();
        work = opened(store.openWork());
        renewals = opened(store.openRenewals());
    }

    @AfterEach
    void closeSessions() throws Exception {
        for (AutoCloseable session : opened) {
            session.close();
        }
    }

    protected <S extends AutoCloseable> S opened(S session) {
        opened.add(session);
        return session;
    }

    protected void join(PeerId peer, String... types) {
        work.join(request(peer, FLAGS, Set.of(types)));
    }

    protected static JoinRequest request(PeerId peer, GroupSettings flags, Set<String> types) {
        return request(peer, flags, types, List.of());
    }

    protected static JoinRequest request(
            PeerId peer, GroupSettings flags, Set<String> types, List<ChildSpec> staticChildren) {
        return new JoinRequest(
                peer, ref(peer), LEASE, Duration.ofMillis(500), List.of(new Membership(flags, types, staticChildren)));
    }

    protected static JoinRequest declaring(PeerId peer, List<ChildSpec> staticChildren) {
        return request(peer, FLAGS, Set.of("relay"), staticChildren);
    }

    protected static PeerRef ref(PeerId peer) {
        return new PeerRef(peer, "label of " + peer, "host", 4711);
    }

    protected static ChildSpec spec(String id) {
        return ChildSpec.of(id, "relay");
    }

    protected ChildRow insert(String id, PeerId owner) {
        ChildRow row = work.insert(GROUP, spec(id), owner);
        assertThat(row).isNotNull();
        return row;
    }

    protected ChildRow row(String id) {
        return work.rows(GROUP, Set.of(id)).get(0);
    }

    protected Map<String, Long> grant(PeerId peer, String id) {
        return grant(peer, OwnedToken.of(row(id)));
    }

    protected Map<String, Long> grant(PeerId peer, OwnedToken expected) {
        return work.grant(GROUP, peer, List.of(expected), StartCause.STARTED, Map.of());
    }

    protected void report(String id, PeerId owner, Phase phase, @Nullable Long answers) {
        report(owner, List.of(phase(id, row(id).token(), phase, answers)));
    }

    protected void report(PeerId owner, List<PhaseReport> reports) {
        work.report(GROUP, owner, reports, Set.of());
    }

    protected static PhaseReport phase(String id, long token, Phase phase, @Nullable Long answers) {
        return new PhaseReport(id, token, phase, 0, 0, null, null, answers, null, null);
    }

    protected static PhaseReport stoppedAfterFailure(long token, long answers) {
        return new PhaseReport("one", token, Phase.STOPPED, 0, 0, null, null, answers, "failed", DesiredState.STOPPED);
    }

    /** Certifies a death with the counter that is in the victim's row now. */
    protected boolean certify(PeerId accuser, PeerId victim) {
        Heartbeat last = renewals.renew(accuser).peers().stream()
                .filter(peer -> peer.id().equals(victim))
                .map(Renewal.PeerBeat::last)
                .findFirst()
                .orElse(NEVER);
        return work.certify(accuser, victim, last);
    }

    protected long revision() {
        return work.group(GROUP).orElseThrow().revision();
    }

    /** The hints and the history that follow a change are not part of its result. */
    protected void awaitTold() {
        assertThat(work.awaitTold(Duration.ofSeconds(10))).isTrue();
    }

    protected void assertThatItRaisesTheRevision(Runnable change) {
        awaitTold();
        long before = revision();
        change.run();
        awaitTold();
        assertThat(revision()).isGreaterThan(before);
    }

    /** The row without the time since its phase began, which changes. */
    protected void assertThatItIsInTheStore(ChildRow row) {
        assertThat(row).usingRecursiveComparison().ignoringFields("inPhase").isEqualTo(row(row.id()));
    }
}
