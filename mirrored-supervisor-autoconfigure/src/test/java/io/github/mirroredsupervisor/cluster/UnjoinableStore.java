package io.github.mirroredsupervisor.cluster;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.internal.store.NotificationSession;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.Store;
import io.github.mirroredsupervisor.internal.store.WatchSession;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A store whose next joins fail, as many as the test sets. All other calls succeed. Thread-safe. */
final class UnjoinableStore implements Store {

    private final Store real;

    /** How many joins are refused before anything is written. */
    final AtomicInteger refusals = new AtomicInteger();

    /** How many joins are carried out and then lose their answer. */
    final AtomicInteger lostAnswers = new AtomicInteger();

    /** The attempts, in order. */
    final Queue<JoinRequest> tries = new ConcurrentLinkedQueue<>();

    UnjoinableStore(Store real) {
        this.real = real;
    }

    @Override
    public WorkSession openWork() {
        WorkSession session = real.openWork();
        return (WorkSession) Proxy.newProxyInstance(
                WorkSession.class.getClassLoader(), new Class<?>[] {WorkSession.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("join")) {
                        return join(session, (JoinRequest) arguments[0]);
                    }
                    try {
                        return method.invoke(session, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private List<GroupRow> join(WorkSession session, JoinRequest request) {
        tries.add(request);
        if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new StoreUnavailableException("no way in", null);
        }
        List<GroupRow> rows = session.join(request);
        if (lostAnswers.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new StoreUnavailableException("the answer was lost", null);
        }
        return rows;
    }

    @Override
    public RenewalSession openRenewals() {
        return real.openRenewals();
    }

    @Override
    public NotificationSession openHints(Set<String> groups) {
        return real.openHints(groups);
    }

    @Override
    public Optional<WatchSession> openWatch() {
        return real.openWatch();
    }

    @Override
    public ChildSpec asStored(ChildSpec spec) {
        return real.asStored(spec);
    }
}
