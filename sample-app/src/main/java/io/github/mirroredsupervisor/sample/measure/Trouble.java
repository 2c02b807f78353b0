package io.github.mirroredsupervisor.sample.measure;

import java.util.Locale;

/** What a nemesis can do, and whose children may run elsewhere afterwards. */
enum Trouble {
    KILL(Reach.NODE),
    KILL_TWO(Reach.EVERYBODY),
    KILL_ALL(Reach.EVERYBODY),
    KILL_STARTING(Reach.NODE),
    KILL_LEAVING(Reach.NODE),
    STOP(Reach.NODE),
    PAUSE_SHORT(Reach.NOBODY),
    PAUSE_LONG(Reach.NODE),
    SESSIONS(Reach.NOBODY),
    RESET(Reach.NOBODY),
    REQUESTS_HELD(Reach.NODE),
    REPLIES_HELD(Reach.NODE),
    PARTITION(Reach.NODE),
    WORK_CUT(Reach.NOBODY),
    SLOW(Reach.NODE),
    NO_ANSWER(Reach.NODE),
    SERVER_RESTART(Reach.NOBODY),
    SERVER_CRASH(Reach.NOBODY),
    BACKEND_KILL(Reach.NOBODY),
    SERVER_PAUSE(Reach.NOBODY),
    SERVER_FULL(Reach.NODE),
    PEER_ROW_LOCKED(Reach.NODE),
    CHILD_ROWS_LOCKED(Reach.NOBODY),
    TABLE_LOCKED(Reach.NOBODY),
    CPU_HOGS(Reach.EVERYBODY);

    /** Whose children may move. */
    enum Reach {
        NOBODY,
        NODE,
        EVERYBODY
    }

    private final Reach reach;

    Trouble(Reach reach) {
        this.reach = reach;
    }

    Reach reach() {
        return reach;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
