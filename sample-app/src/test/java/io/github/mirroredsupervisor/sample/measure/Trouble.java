package io.github.mirroredsupervisor.sample.measure;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a nemesis can do, and which nodes' children may run elsewhere afterwards. */
enum Trouble {
    KILL(Reach.NODE),
    KILL_TWO(Reach.EVERYBODY),
    KILL_ALL(Reach.EVERYBODY),
    KILL_STARTING(Reach.NODE),
    KILL_LEAVING(Reach.NODE),
    KILL_IN_STATEMENT(Reach.NODE),
    KILL_ADOPTING(Reach.EVERYBODY),
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
    POOL_FULL(Reach.NOBODY),
    CPU_HOGS(Reach.EVERYBODY),
    CLOCK_OF_NODE(Reach.NOBODY),
    CLOCK_OF_SERVER(Reach.NOBODY),
    KILL_CLOCK_WRONG(Reach.NODE);

    /** Which nodes' children may move. */
    enum Reach {
        NOBODY,
        NODE,
        EVERYBODY
    }

    private static final Set<Trouble> OF_CLOCKS = EnumSet.of(CLOCK_OF_NODE, CLOCK_OF_SERVER, KILL_CLOCK_WRONG);

    private final Reach reach;

    Trouble(Reach reach) {
        this.reach = reach;
    }

    Reach reach() {
        return reach;
    }

    /** The troubles that are possible, depending on whether clocks can be set. */
    static List<Trouble> possible(boolean clocks) {
        return Arrays.stream(values())
                .filter(trouble -> clocks || !OF_CLOCKS.contains(trouble))
                .toList();
    }

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
