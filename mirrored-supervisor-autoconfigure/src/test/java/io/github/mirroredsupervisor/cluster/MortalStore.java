package io.github.mirroredsupervisor.cluster;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WatchSession;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** A store whose sessions can all be ended for good, as they are when their process dies. Thread-safe. */
final class MortalStore implements Store {

    private final Store real;
    private final List<Runnable> endings = new CopyOnWriteArrayList<>();

    MortalStore(Store real) {
        this.real = real;
    }

    @Override
    public RenewalSession openRenewals() {
        RenewalSession session = real.openRenewals();
        endings.add(session::close);
        return session;
    }

    @Override
    public WorkSession openWork() {
        WorkSession session = real.openWork();
        endings.add(session::close);
        return session;
    }

    @Override
    public WorkSession openReads() {
        WorkSession session = real.openReads();
        endings.add(session::close);
        return session;
    }

    @Override
    public NotificationSession openHints(Set<String> groups) {
        NotificationSession session = real.openHints(groups);
        endings.add(session::close);
        return session;
    }

    @Override
    public Optional<WatchSession> openWatch() {
        Optional<WatchSession> session = real.openWatch();
        session.ifPresent(opened -> endings.add(opened::close));
        return session;
    }

    @Override
    public ChildSpec asStored(ChildSpec spec) {
        return real.asStored(spec);
    }

    /** A closed session opens no connection any more, so its user finds that the database does not answer. */
    void cut() {
        endings.forEach(Runnable::run);
    }
}
