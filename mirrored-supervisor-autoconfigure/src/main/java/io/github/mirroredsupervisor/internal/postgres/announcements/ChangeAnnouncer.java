package io.github.mirroredsupervisor.internal.postgres.announcements;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StoreException;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable.Entry;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable.Event;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable.Row;
import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable.What;
import io.github.mirroredsupervisor.internal.postgres.announcements.Notifications.Message;
import io.github.mirroredsupervisor.internal.postgres.connection.ConnectionRoom;
import io.github.mirroredsupervisor.internal.postgres.connection.PrivateConnection;
import io.github.mirroredsupervisor.internal.postgres.membership.GroupTable;
import io.github.mirroredsupervisor.internal.postgres.membership.MemberTable;
import io.github.mirroredsupervisor.internal.postgres.server.SqlStates;
import io.github.mirroredsupervisor.internal.store.NotificationSession.Hint;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Announces changes after they are committed: sends the hint, raises the revision of the group, writes the history. It
 * has its own thread and connection, and no change waits for them. So none of the three can fail or delay a change of
 * ownership: not a NOTIFY that fails, a row of a group or a table that another session keeps locked, or a full disk.
 * Thread and connection exist only while there is something to announce, and a little longer. Thread-safe.
 *
 * <p>What a failure costs. Members are level-triggered: they compare rows with what runs. A hint or a revision is
 * evidence of nothing; it only triggers the comparison.
 *
 * <ul>
 *   <li>A lost hint costs time until the next renewal, which shows the revision.
 *   <li>A revision that is not raised costs time until the next comparison of digests, with every tenth renewal. A row
 *       that is locked is skipped and tried again, so this lasts as long as the lock and a renewal more.
 *   <li>Adoption needs neither (promise P4). The peer that writes a death certificate claims the dead peer's children
 *       itself, in the same task. Every peer that watched the dead one sees with its next renewal that it is not among
 *       the living any more, and compares as well. Children that were handed over are found by the digest at the
 *       latest, and those whose owner has no row by the full comparison.
 *   <li>A change with a waiting caller (a command, its answer) is found by the caller, who polls, and by the owner's
 *       full comparison.
 *   <li>Entries that cannot be written into the history are kept up to a limit, and then lost. Only people read them.
 * </ul>
 *
 * <p>The order is: commit, then hint, then revision. A member that reads a revision therefore sees every change that
 * this revision announces.
 */
public final class ChangeAnnouncer implements AutoCloseable {

    private static final Logger logger = LoggerFactory.getLogger(ChangeAnnouncer.class);

    /** More hints than that on one channel are replaced by one hint to look everywhere. */
    private static final int MOST_HINTS = 256;

    /** What should go to still more channels is lost. */
    private static final int MOST_CHANNELS = 2000;

    private static final int MOST_ROWS = 10_000;

    private static final int ROWS_AT_ONCE = 500;

    /** How many statements one batch of the history may need if some of its rows are refused. */
    private static final int MOST_PARTS = 100;

    private static final Duration GATHERING = Duration.ofMillis(10);

    private static final Duration MOMENT = Duration.ofMillis(50);

    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    /** How long the connection is kept without work. The first hint after that waits for a new connection. */
    public static final Duration IDLE = Duration.ofMinutes(1);

    private static final Duration END_OF_THREAD = Duration.ofSeconds(5);

    private final PrivateConnection link;
    private final MemberTable memberTable;
    private final GroupTable groupTable;
    private final HistoryTable history;
    private final Notifications hints;
    private final Duration again;
    private final Duration idle;
    private final ScheduledThreadPoolExecutor executor;
    private final AtomicBoolean queued = new AtomicBoolean();

    // What is to be announced; guarded by "this".
    private final Map<String, Set<Message>> unsent = new LinkedHashMap<>();
    private final Set<String> unraised = new TreeSet<>();
    private final Map<PeerId, PeerId> dead = new LinkedHashMap<>();
    private final Deque<Row> unwritten = new ArrayDeque<>();
    private long lost;

    // Used by the thread only.
    private final Map<String, Long> skipped = new HashMap<>();
    private final Complaint hintComplaint = new Complaint("Hints", "sent", "others see changes with their renewals");
    private final Complaint revisionComplaint =
            new Complaint("The revisions of groups", "raised", "others see changes with every tenth renewal");
    private final Complaint historyComplaint = new Complaint("The history", "written", "nothing else suffers");
    private long lastUsed;
    private long hintsAgain;
    private long historyAgain = System.nanoTime();
    private Duration historyPause;
    private boolean gathering;
    private boolean resting;
    private boolean retrying;
    private boolean roomSeen;

    /**
     * Opens nothing yet.
     *
     * @param idle after how long without anything to announce the connection is closed
     */
    public ChangeAnnouncer(
            PrivateConnection link,
            MemberTable memberTable,
            GroupTable groupTable,
            HistoryTable history,
            Notifications hints,
            Duration renewInterval,
            Duration idle) {
        this.idle = idle;
        this.link = link;
        this.memberTable = memberTable;
        this.groupTable = groupTable;
        this.history = history;
        this.hints = hints;
        this.again = renewInterval;
        this.historyPause = renewInterval;
        this.executor = new Lane(link);
    }

    /**
     * Announces a change.
     *
     * @param groups whose revision is raised: members that hear no hint look with their next renewal
     * @param told who has something to do at once
     */
    public void changed(Collection<String> groups, List<Message> told, List<Event> events) {
        synchronized (this) {
            unraised.addAll(groups);
            told.forEach(this::addHint);
            events.forEach(this::addEvent);
        }
        wake();
    }

    /** Announces that members of the groups have all children to look at. */
    public void changed(List<String> groups, List<Event> events) {
        changed(groups, hints.toMembers(groups), events);
    }

    /** Announces what happened to some children that each member may have something to do about. */
    public void changed(What what, String group, List<Entry> children, @Nullable PeerId to, @Nullable String why) {
        changed(
                Set.of(group),
                hints.toMembers(group, ids(children)),
                List.of(Event.now(what, group, children, to, why)));
    }

    /**
     * Announces children to the only peer that has something to do about them. Nobody runs them until it hears of them,
     * and this thread is most often not connected: then the hint goes over the connection of the caller, who has
     * committed. It waits for nobody longer than a moment, and is sent from here if that fails.
     */
    public void handedTo(PrivateConnection callers, PeerId target, String group, List<Entry> children) {
        List<Message> told = hints.toPeer(target, group, ids(children));
        boolean sent = !told.isEmpty() && !link.isOpen() && isSent(callers, told);
        changed(
                Set.of(group),
                sent ? List.of() : told,
                List.of(Event.now(What.RELEASED, group, children, target, null)));
        answered(group, ids(children));
    }

    /** Announces what happened to children that only these peers may have something to do about. */
    public void changedOf(
            Collection<PeerId> concerned,
            What what,
            String group,
            List<Entry> children,
            @Nullable PeerId to,
            @Nullable String why) {
        List<String> ids = ids(children);
        List<Message> told = concerned.stream()
                .flatMap(peer -> hints.toPeer(peer, group, ids).stream())
                .toList();
        changed(Set.of(group), told, List.of(Event.now(what, group, children, to, why)));
    }

    /**
     * Announces what a caller of this process wants of children, and waits for.
     *
     * @param owner who is to do it; null for the member that claims them
     */
    public void asked(
            @Nullable PeerId owner,
            What what,
            String group,
            List<Entry> children,
            @Nullable PeerId to,
            @Nullable String why) {
        List<String> ids = ids(children);
        changed(
                Set.of(group),
                owner == null ? hints.askMembers(group, ids) : hints.askPeer(owner, group, ids),
                List.of(Event.now(what, group, children, to, why)));
    }

    /** Tells the owner of a child that a caller of this process waits for what it does next. */
    public void awaits(PeerId owner, String group, String childId) {
        announce(hints.await(owner, group, childId));
    }

    /** Tells the peers that asked about these children that there may be an answer. */
    public void answered(String group, Collection<String> childIds) {
        announce(hints.answer(group, childIds));
    }

    private void announce(List<Message> told) {
        if (!told.isEmpty()) {
            changed(Set.of(), told, List.of());
        }
    }

    private boolean isSent(PrivateConnection over, List<Message> told) {
        try {
            return over.optional("send a hint", jdbc -> {
                Notifications.send(jdbc, told, MOMENT);
                return true;
            });
        } catch (StoreException e) {
            logger.debug("A hint is sent again over the announcer's own connection", e);
            return false;
        }
    }

    /**
     * Sends and reads a hint, so that the first real one finds all that it needs. Rolled back by the caller.
     *
     * @return the hint as another peer reads it; a set, as the listen thread collects hints in one
     */
    public Set<Hint> rehearse(JdbcClient jdbc, String group, String childId) {
        List<Message> told = hints.toPeer(PeerId.random(), group, List.of(childId));
        Notifications.send(jdbc, told, MOMENT);
        Notifications others = new Notifications(group);
        Set<Hint> found = new LinkedHashSet<>();
        told.forEach(message -> others.read(message.payload()).ifPresent(found::add));
        return found;
    }

    private static List<String> ids(List<Entry> children) {
        return children.stream().map(child -> String.valueOf(child.childId())).toList();
    }

    public void record(Event event) {
        changed(Set.of(), List.of(), List.of(event));
    }

    /**
     * A death certificate was written. The victim's groups are read here, so that the certificate's transaction need
     * not read them.
     */
    public void died(PeerId victim, PeerId by) {
        synchronized (this) {
            dead.put(victim, by);
        }
        wake();
    }

    /** Connects ahead of an announcement that will come soon. */
    public void prepare() {
        execute(() -> {
            if (!link.isOpen()) {
                attempt("connect", () -> link.optional("connect", jdbc -> true));
                used();
            }
        });
    }

    /** Waits until everything so far was announced or tried, at most this long. Returns whether it was. */
    public boolean await(Duration limit) {
        try {
            executor.submit(this::tell).get(limit.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
            return false;
        }
    }

    /** Ends after one more attempt to announce what is left. Does not wait. */
    @Override
    public void close() {
        execute(this::tell);
        executor.shutdown();
    }

    private void addHint(Message hint) {
        Set<Message> others = unsent.get(hint.channel());
        if (others == null && unsent.size() < MOST_CHANNELS) {
            unsent.put(hint.channel(), new LinkedHashSet<>(Set.of(hint)));
        } else if (others != null && others.size() >= MOST_HINTS) {
            others.clear();
            others.add(hints.everything(hint.channel()));
        } else if (others != null) {
            others.add(hint);
        }
    }

    private void addEvent(Event event) {
        for (Entry entry : event.entries()) {
            if (unwritten.size() >= MOST_ROWS) {
                lost++;
            } else {
                unwritten.add(new Row(event, entry));
            }
        }
    }

    private void wake() {
        if (queued.compareAndSet(false, true)) {
            execute(this::tellFirst);
        }
    }

    private void execute(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            logger.trace("The session is closed; nothing more is told", e);
        }
    }

    // ---- on the thread
    // -------------------------------------------------------------------------------------------------------

    /**
     * Sends the hints, for which callers may wait. The rest is gathered for a moment, and so does not delay the next
     * hint.
     */
    private void tellFirst() {
        queued.set(false);
        roomSeen &= link.isOpen();
        try {
            lookUpDead();
            sendHints();
        } catch (Throwable e) {
            logger.error("Changes could not be told of in an unforeseen way; others find them by themselves", e);
        }
        if (!gathering) {
            gathering = schedule(this::tellGathered, GATHERING);
        }
    }

    private void tellGathered() {
        gathering = false;
        tell();
    }

    private void tell() {
        try {
            boolean looked = lookUpDead();
            sendHints();
            boolean raised = raiseRevisions();
            boolean written = writeHistory();
            yieldIfScarce();
            used();
            if (!retrying && !(looked && raised && written)) {
                retrying = schedule(this::tellAgain, again);
            }
        } catch (Throwable e) {
            logger.error("Changes could not be told of in an unforeseen way; others find them by themselves", e);
        }
    }

    private void tellAgain() {
        retrying = false;
        tell();
    }

    private boolean lookUpDead() {
        Map<PeerId, PeerId> some;
        synchronized (this) {
            some = new LinkedHashMap<>(dead);
        }
        if (some.isEmpty()) {
            return true;
        }
        return attempt(
                        "look up the groups of dead peers",
                        () -> link.call("look up the groups of dead peers", jdbc -> {
                            some.forEach((victim, by) -> died(victim, by, memberTable.groupsOf(jdbc, victim)));
                            return true;
                        }))
                == null;
    }

    private synchronized void died(PeerId victim, PeerId by, List<String> groups) {
        dead.remove(victim);
        unraised.addAll(groups);
        hints.toMembers(groups).forEach(this::addHint);
        groups.forEach(group -> addEvent(Event.now(What.DIED, group, List.of(Entry.of(victim)), by, null)));
    }

    /**
     * Hints that fail are dropped: they would come late, and the revision has the same effect. After a failure, hints
     * are dropped for a while.
     */
    private void sendHints() {
        List<Message> told;
        synchronized (this) {
            told = unsent.values().stream().flatMap(Set::stream).toList();
            unsent.clear();
        }
        boolean paused = hintComplaint.failing && System.nanoTime() - hintsAgain < 0;
        if (!told.isEmpty() && !paused) {
            hintComplaint.after(attempt(
                    "send hints",
                    () -> link.optional("send hints", jdbc -> {
                        Notifications.send(jdbc, told, again);
                        return true;
                    })));
            hintsAgain = System.nanoTime() + again.toNanos();
        }
    }

    private boolean raiseRevisions() {
        Set<String> fresh;
        synchronized (this) {
            fresh = new TreeSet<>(unraised);
            unraised.clear();
        }
        if (fresh.isEmpty() && skipped.isEmpty()) {
            return true;
        }
        Map<String, Long> locked = new HashMap<>();
        StoreException failure = attempt(
                "raise revisions",
                () -> link.optional("raise revisions of groups", jdbc -> {
                    locked.clear();
                    locked.putAll(raise(jdbc, fresh));
                    return true;
                }));
        revisionComplaint.after(failure);
        if (failure == null) {
            skipped.clear();
            skipped.putAll(locked);
            return skipped.isEmpty();
        }
        synchronized (this) {
            unraised.addAll(fresh);
        }
        return false;
    }

    /**
     * Returns the groups whose rows are locked, with their revisions from before. Groups that are gone are left out.
     */
    private Map<String, Long> raise(JdbcClient jdbc, Set<String> fresh) {
        // If another session has raised the revision since it was skipped, nothing is left to do: a member that reads
        // that revision sees the change.
        Map<String, Long> seen = new HashMap<>(skipped);
        fresh.forEach(group -> seen.put(group, Long.MAX_VALUE));
        return groupTable.raiseUnlocked(jdbc, seen);
    }

    private boolean writeHistory() {
        while (true) {
            List<Row> rows = nextRows();
            if (rows.isEmpty()) {
                return true;
            }
            if (System.nanoTime() - historyAgain < 0 && !executor.isShutdown()) {
                return false;
            }
            StoreException failure = insert(rows);
            if (failure != null && SqlStates.isDuplicate(failure)) {
                attempt(
                        "let the history go on",
                        () -> link.optional("let the history go on above its rows", jdbc -> {
                            history.catchUp(jdbc);
                            return true;
                        }));
                failure = insert(rows);
            }
            if (failure instanceof StoreRefusedException && rows.size() > 1) {
                Deque<List<Row>> parts = new ArrayDeque<>(List.of(rows));
                if (insertParts(parts, new ArrayList<>())) {
                    continue;
                }
            }
            historyComplaint.after(failure);
            if (failure != null && !SqlStates.isAboutValues(failure)) {
                historyPause = historyPause.compareTo(LONGEST_PAUSE) < 0 ? historyPause.multipliedBy(2) : LONGEST_PAUSE;
                historyAgain = System.nanoTime() + historyPause.toNanos();
                return false;
            }
            historyPause = again;
            written(rows.size(), failure == null);
        }
    }

    /**
     * Writes by halves, the larger ones first, as the refusal may be for some rows only. Rows that are refused alone
     * are lost if any other row is written. Returns whether any was written.
     */
    private boolean insertParts(Deque<List<Row>> parts, List<Row> refused) {
        boolean anyWritten = false;
        for (int tries = 0; tries < MOST_PARTS && !parts.isEmpty(); tries++) {
            List<Row> part = parts.remove();
            StoreException failure = insert(part);
            if (failure == null) {
                anyWritten = true;
                settled(part, true);
            } else if (!(failure instanceof StoreRefusedException)) {
                break;
            } else if (part.size() == 1) {
                refused.addAll(part);
                logger.warn(
                        "An entry of the history about child '{}' of group '{}' is refused, and lost if others are not: {}",
                        part.get(0).entry().childId(),
                        part.get(0).event().group(),
                        failure.getMessage());
            } else {
                parts.add(part.subList(0, part.size() / 2));
                parts.add(part.subList(part.size() / 2, part.size()));
            }
        }
        if (anyWritten) {
            settled(refused, false);
        }
        return anyWritten;
    }

    /** Rows are compared by identity: of two equal rows each is one entry. */
    private synchronized void settled(List<Row> rows, boolean kept) {
        Set<Row> gone = Collections.newSetFromMap(new IdentityHashMap<>());
        gone.addAll(rows);
        unwritten.removeIf(gone::contains);
        lost += kept ? 0 : rows.size();
    }

    private synchronized List<Row> nextRows() {
        return unwritten.stream().limit(ROWS_AT_ONCE).toList();
    }

    private @Nullable StoreException insert(List<Row> rows) {
        return attempt(
                "write the history",
                () -> link.optional("write the history", jdbc -> {
                    history.insert(jdbc, rows, System.nanoTime());
                    return true;
                }));
    }

    private synchronized void written(int count, boolean kept) {
        for (int i = 0; i < count; i++) {
            unwritten.poll();
        }
        lost += kept ? 0 : count;
        if (kept && lost > 0) {
            logger.warn("{} entries of the history are missing, as they could not be written for too long", lost);
            lost = 0;
        }
    }

    /** Tries again if the connection had ended unnoticed. Returns the failure. */
    private @Nullable StoreException attempt(String task, Runnable work) {
        boolean wasOpen = link.isOpen();
        try {
            work.run();
            return null;
        } catch (StoreException e) {
            if (!wasOpen || link.isOpen()) {
                return e;
            }
        }
        logger.debug("Tries again to {}, as the connection had ended", task);
        try {
            work.run();
            return null;
        } catch (StoreException e) {
            return e;
        }
    }

    /** Gives the connection up if peers that join or renew a lease need it more. Checked once for each connection. */
    private void yieldIfScarce() {
        if (!link.isOpen() || roomSeen) {
            return;
        }
        roomSeen = true;
        attempt("look for room", () -> {
            if (link.raw(
                    "see whether connections are scarce",
                    connection -> ConnectionRoom.ask(connection).isScarce())) {
                link.release();
            }
        });
    }

    private void used() {
        lastUsed = System.nanoTime();
        if (!resting) {
            resting = schedule(this::rest, idle);
        }
    }

    private void rest() {
        resting = false;
        Duration left = idle.minusNanos(System.nanoTime() - lastUsed);
        if (left.isNegative() || left.isZero()) {
            link.release();
        } else {
            resting = schedule(this::rest, left);
        }
    }

    private boolean schedule(Runnable task, Duration delay) {
        try {
            var unused = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Logs one line when something begins to fail, and one when it works again. */
    private static final class Complaint {

        private final String what;
        private final String done;
        private final String consequence;
        private boolean failing;

        private Complaint(String what, String done, String consequence) {
            this.what = what;
            this.done = done;
            this.consequence = consequence;
        }

        private void after(@Nullable StoreException failure) {
            if (failure != null && !failing) {
                logger.warn("{} cannot be {}; {}: {}", what, done, consequence, failure.getMessage());
            } else if (failure == null && failing) {
                logger.info("{} can be {} again", what, done);
            }
            failing = failure != null;
        }
    }

    /** A thread that exists while it is needed, and closes the connection at the end. */
    private static final class Lane extends ScheduledThreadPoolExecutor {

        private final PrivateConnection link;

        private Lane(PrivateConnection link) {
            super(1, task -> {
                Thread thread = new Thread(task, "mirrored-supervisor-announcer");
                thread.setDaemon(true);
                return thread;
            });
            this.link = link;
            setKeepAliveTime(END_OF_THREAD.toMillis(), TimeUnit.MILLISECONDS);
            allowCoreThreadTimeOut(true);
            setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        }

        @Override
        protected void terminated() {
            link.close();
        }
    }
}
