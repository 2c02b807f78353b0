package io.github.mirroredsupervisor.internal.postgres.sessions;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.internal.postgres.announcements.ChangeAnnouncer;
import io.github.mirroredsupervisor.internal.postgres.announcements.Notifications;
import io.github.mirroredsupervisor.internal.postgres.connection.Connector;
import io.github.mirroredsupervisor.internal.postgres.connection.PrivateConnection;
import io.github.mirroredsupervisor.internal.postgres.connection.Role;
import io.github.mirroredsupervisor.internal.postgres.connection.Timeouts;
import io.github.mirroredsupervisor.internal.postgres.membership.ConfirmedRenewal;
import io.github.mirroredsupervisor.internal.postgres.server.ServerIdentity;
import io.github.mirroredsupervisor.internal.postgres.server.SqlStates;
import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSettings;
import io.github.mirroredsupervisor.internal.postgres.values.SpecJson;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WatchSession;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The store of one peer on PostgreSQL 14 or later, whose schema already exists. Its sessions have private connections
 * and never use a pool. They throw {@link io.github.mirroredsupervisor.StoreRefusedException} when the server refuses,
 * and {@link io.github.mirroredsupervisor.StoreUnavailableException} for every other failure. A failure whose cause is
 * an {@link UnsupportedServerException} is permanent. The store is thread-safe; its sessions are not.
 */
public final class PostgresStore implements Store {

    private final SpecJson json = new SpecJson();
    private final Timeouts bounds;
    private final Duration renewInterval;
    private final Connector connector;
    private final Tables tables;
    private final ServerIdentity server = new ServerIdentity();
    private final SessionHints sessionHints;
    private final HeldSessionLock lock;
    private final ConfirmedRenewal confirmed = new ConfirmedRenewal();
    // The sender, not the peer, marks this store's own hints: the peer may join again while hints are in transit.
    private final Notifications hints = new Notifications(UUID.randomUUID().toString());

    /** With session hints; connects to nothing yet. */
    public PostgresStore(ConnectionSettings settings) {
        this(settings, SessionHints.AUTO);
    }

    /** Connects to nothing yet. */
    public PostgresStore(ConnectionSettings settings, SessionHints sessionHints) {
        this.renewInterval = settings.renewInterval();
        this.bounds = Timeouts.of(settings.lease(), settings.renewInterval());
        this.connector = new Connector(settings, bounds);
        this.tables = Tables.create(json, confirmed);
        this.sessionHints = sessionHints;
        this.lock = new HeldSessionLock(new SecureRandom(), server, connector);
    }

    @Override
    public RenewalSession openRenewals() {
        return new PostgresRenewalSession(link(Role.RENEW), connector, server, lock, bounds, confirmed);
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
    public NotificationSession openHints(Set<String> groups) {
        HeldSessionLock toHold = sessionHints == SessionHints.AUTO ? lock : null;
        return new PostgresNotificationSession(link(Role.LISTEN), groups, hints, bounds, toHold);
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
        ChangeAnnouncer announcer = new ChangeAnnouncer(
                link(Role.ANNOUNCE),
                tables.members(),
                tables.groups(),
                tables.history(),
                hints,
                renewInterval,
                ChangeAnnouncer.IDLE);
        return new PostgresWorkSession(link(role), tables, announcer, bounds);
    }

    private PrivateConnection link(Role role) {
        return new PrivateConnection(role, connector, bounds);
    }
}
