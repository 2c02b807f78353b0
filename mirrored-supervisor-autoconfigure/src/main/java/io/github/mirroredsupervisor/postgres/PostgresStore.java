package io.github.mirroredsupervisor.postgres;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.mirror.HintSession;
import io.github.mirroredsupervisor.mirror.RenewalSession;
import io.github.mirroredsupervisor.mirror.Store;
import io.github.mirroredsupervisor.mirror.WatchSession;
import io.github.mirroredsupervisor.mirror.WorkSession;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * The store of one peer on PostgreSQL 14 or later, whose schema is there already. Its sessions have private connections and never use
 * a pool. They throw {@link io.github.mirroredsupervisor.StoreRefusedException} when the server says no, and
 * {@link io.github.mirroredsupervisor.StoreUnavailableException} for every other failure; one whose cause is an
 * {@link UnsupportedServerException} will not pass by itself. Thread-safe, which its sessions are not.
 */
public final class PostgresStore implements Store {

    private final SpecJson json = new SpecJson();
    private final Bounds bounds;
    private final Duration renewInterval;
    private final Connector connector;
    private final Tables tables;
    private final ListenProbe probe;
    private final ServerIdentity server = new ServerIdentity();
    private final SessionHints sessionHints;
    private final OwnLock lock;
    private final ConfirmedRenewal confirmed = new ConfirmedRenewal();
    // The sender, and not the peer, marks a hint as one's own: the peer may join anew while hints are under way.
    private final Hints hints = new Hints(UUID.randomUUID().toString());

    /** With session hints; connects to nothing yet. */
    public PostgresStore(ConnectionSettings settings) {
        this(settings, SessionHints.AUTO);
    }

    /** Connects to nothing yet. */
    public PostgresStore(ConnectionSettings settings, SessionHints sessionHints) {
        this.renewInterval = settings.renewInterval();
        this.bounds = Bounds.of(settings.lease(), settings.renewInterval());
        this.connector = new Connector(settings, bounds);
        this.tables = Tables.create(json, confirmed);
        this.probe = new ListenProbe(connector, bounds);
        this.sessionHints = sessionHints;
        SecureRandom random = new SecureRandom();
        this.lock = new OwnLock(() -> random.nextLong(Long.MAX_VALUE), server, connector);
    }

    @Override
    public RenewalSession openRenewals() {
        return new PostgresRenewalSession(link(Role.RENEW), server, lock, bounds, confirmed);
    }

    @Override
    public WorkSession openWork() {
        return workSession(Role.WORK);
    }

    @Override
    public WorkSession openReads() {
        return workSession(Role.READ);
    }

    @Override
    public HintSession openHints() {
        OwnLock toHold = sessionHints == SessionHints.AUTO ? lock : null;
        return new PostgresHintSession(link(Role.LISTEN), hints, bounds, probe, toHold);
    }

    @Override
    public Optional<WatchSession> openWatch() {
        return sessionHints == SessionHints.AUTO
                ? Optional.of(new PostgresWatchSession(link(Role.WATCH), server, bounds))
                : Optional.empty();
    }

    @Override
    public boolean mayPass(StoreException failure) {
        return SqlStates.mayPass(failure);
    }

    @Override
    public ChildSpec asStored(ChildSpec spec) {
        return json.asStored(spec);
    }

    private PostgresWorkSession workSession(Role role) {
        Announcer announcer = new Announcer(link(Role.ANNOUNCE), tables, hints, renewInterval, Announcer.IDLE);
        return new PostgresWorkSession(link(role), tables, hints, announcer, bounds);
    }

    private Link link(Role role) {
        return new Link(role, connector, bounds);
    }
}
