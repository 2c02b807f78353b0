package io.github.mirroredsupervisor.simulation;

import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.internal.store.WatchSession.Outcome;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sessions on a {@link SimulatedDatabase} that hold advisory locks, or wait for one: a lock ends with the session
 * that took it, and every session with the server.
 */
final class SimulatedSessions {

    private final List<Session> open = new ArrayList<>();
    private String server = "server 1";

    /** What one process has open. */
    static final class Session {
        private final Runnable news;
        private @Nullable SessionLock held;
        private @Nullable SessionLock awaited;
        private boolean released;
        private boolean ended;

        private Session(Runnable news) {
            this.news = news;
        }

        boolean hasEnded() {
            return ended;
        }
    }

    /**
     * Opens a session.
     *
     * @param news called when it has ended, or has got the lock that it waited for
     */
    Session open(Runnable news) {
        Session session = new Session(news);
        open.add(session);
        return session;
    }

    String server() {
        return server;
    }

    /** As after a restart: earlier observations say nothing about the present. */
    void becomes(String other) {
        server = other;
        List<Session> all = List.copyOf(open);
        open.clear();
        all.forEach(SimulatedSessions::ended);
    }

    private static void ended(Session session) {
        session.ended = true;
        session.news.run();
    }

    /** Takes a lock in place of the one that it held. */
    void take(Session session, SessionLock lock) {
        release(session);
        session.held = lock;
    }

    private void release(Session session) {
        SessionLock lock = session.held;
        session.held = null;
        for (Session other : open) {
            if (lock != null && lock.equals(other.awaited)) {
                other.released = true;
                other.news.run();
            }
        }
    }

    void end(Session session) {
        if (open.remove(session)) {
            release(session);
            ended(session);
        }
    }

    /** Returns what a wait that continues meanwhile has shown. */
    Outcome await(Session session, SessionLock lock) {
        if (session.ended) {
            throw new StoreUnavailableException("the session has ended", null);
        }
        if (!lock.equals(session.awaited)) {
            boolean held = open.stream().anyMatch(other -> Objects.equals(other.held, lock));
            session.awaited = held ? lock : null;
            session.released = false;
            return held ? Outcome.HELD : Outcome.FREE;
        }
        return session.released ? Outcome.RELEASED : Outcome.HELD;
    }
}
