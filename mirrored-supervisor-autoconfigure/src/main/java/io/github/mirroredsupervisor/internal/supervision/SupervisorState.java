package io.github.mirroredsupervisor.internal.supervision;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the decisions of one supervisor share: the known children, their deadlines, the tokens used, the restart window,
 * and the effects of the event in hand. Updated in place, because ten thousand children would make copies quadratic.
 *
 * <p>One thread writes. The children and the window may be read by others: each child is then as of its last
 * transition.
 */
public final class SupervisorState {

    public final SupervisorFlags flags;

    private final Map<String, Child> children = new ConcurrentHashMap<>();
    private final AtomicLong version = new AtomicLong();

    /** Children whose last change the listener has not been told of: of the event in hand. */
    private final Set<String> unannounced = ConcurrentHashMap.newKeySet();

    private final List<String> changed = new ArrayList<>();

    private volatile RestartWindow window = RestartWindow.EMPTY;

    private final Deadlines deadlines = new Deadlines();

    private final TokenLedger tokens = new TokenLedger();

    private List<Effect> effects = new ArrayList<>();
    private Moment now;

    public SupervisorState(SupervisorFlags flags, Moment start) {
        this.flags = flags;
        this.now = start;
    }

    void begin(Moment moment) {
        now = moment;
        effects = new ArrayList<>();
    }

    List<Effect> effects() {
        return effects;
    }

    Moment now() {
        return now;
    }

    long nanos() {
        return now.nanos();
    }

    // --- children

    @Nullable
    Child child(String id) {
        return children.get(id);
    }

    Child put(Child child) {
        changes(child.id());
        children.put(child.id(), child);
        deadlines.set(child.id(), child.state().deadline());
        version.incrementAndGet();
        return child;
    }

    void remove(String id) {
        changes(id);
        children.remove(id);
        deadlines.set(id, null);
        version.incrementAndGet();
    }

    /** Any thread. */
    public Stream<LocalChild.Status> statuses() {
        return children.values().stream().map(child -> child.state().status());
    }

    public List<Child> inStartOrder() {
        List<Child> sorted = new ArrayList<>(children.values());
        sorted.sort(Child.START_ORDER);
        return sorted;
    }

    List<Child> inStopOrder() {
        List<Child> sorted = new ArrayList<>(children.values());
        sorted.sort(Child.START_ORDER.reversed());
        return sorted;
    }

    /** Before it shows. */
    private void changes(String id) {
        if (unannounced.add(id)) {
            changed.add(id);
        }
    }

    /** The listener has been told of all changes so far. */
    public void announced() {
        changed.forEach(unannounced::remove); // not clear(), which takes as long as the set was ever large
        changed.clear();
    }

    /** Any thread. */
    public Set<String> unannounced() {
        return Set.copyOf(unannounced);
    }

    /** Rises with every change of a child. */
    long version() {
        return version.get();
    }

    // --- tokens

    /** Any thread. */
    public TokenLedger tokens() {
        return tokens;
    }

    /** Whether the token may start a run; if so it may never again. */
    boolean useToken(String id, long token) {
        return tokens.use(id, token);
    }

    // --- restarts

    void countRestart() {
        window = window.plus(nanos(), flags.period());
    }

    /**
     * Counts a restart that has waited: never one too many, but the first of a new history (semantics rows A24, A25).
     */
    void countDelayedRestart() {
        countRestart();
        if (isIntensityExceeded()) {
            window = RestartWindow.EMPTY.plus(nanos(), flags.period());
        }
    }

    /** Whether the restart counted last was one too many (semantics row A38). */
    boolean isIntensityExceeded() {
        return window.seconds().size() > flags.intensity();
    }

    void clearRestarts() {
        window = RestartWindow.EMPTY;
    }

    public int restartsInWindow(long nanos) {
        return window.count(nanos, flags.period());
    }

    // --- time

    @Nullable
    Child pollDue() {
        String id = deadlines.pollDue(nanos());
        return id == null ? null : children.get(id);
    }

    @Nullable
    Long earliestDeadline() {
        return deadlines.earliest();
    }

    // --- effects

    void add(Effect effect) {
        effects.add(effect);
    }

    LocalChild view(Child child) {
        return child.view(restartsInWindow(nanos()));
    }
}
