package io.github.mirroredsupervisor.internal.reconcile;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Children that cannot be started here (semantics row B42). The cause may be this process or its machine. So after a
 * few failures the child goes to another peer that can run it, which hands it on in the same way. A peer that gets the
 * child back makes it wait, longer with every round. Confined to the group's loop.
 */
public final class FailedStarts {

    /** How often a child is tried before another peer is to try. */
    public static final int TRIES = 3;

    /** How often a child that came back is tried. */
    private static final int TRIES_AGAIN = 2;

    /**
     * A delay is shortened by up to this fraction, so that children that failed together are not tried together again.
     */
    private static final double JITTER = 0.2;

    /**
     * The most children to remember. The one that failed longest ago is forgotten first; its counts then start from
     * zero.
     */
    private static final int MOST = 10_000;

    private final Map<String, Count> counts = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Count> eldest) {
            return size() > MOST;
        }
    };

    private static final class Count {
        private int failures;
        private int rounds;
    }

    /**
     * Counts one more failed start.
     *
     * @param others the peer that could try instead; null if there is none
     * @return the peer that is to try now; null if this peer is to go on
     */
    @Nullable
    public PeerId failed(String childId, @Nullable PeerId others) {
        Count count = counts.computeIfAbsent(childId, id -> new Count());
        count.failures++;
        if (count.failures < (count.rounds == 0 ? TRIES : TRIES_AGAIN)) {
            return null;
        }
        count.failures = 0;
        count.rounds++;
        return others;
    }

    /**
     * How long the child is to wait here; null for the usual delay.
     *
     * @param longest the longest delay; a restart delay that exceeds it does not grow
     */
    @Nullable
    public Duration delay(String childId, Duration restartDelay, Duration longest) {
        Count count = counts.get(childId);
        if (count == null || count.rounds == 0 || restartDelay.isZero()) {
            return null;
        }
        double doubled = restartDelay.toNanos() * Math.pow(2, count.rounds);
        double limited = Math.min(doubled, (double) longest.toNanos());
        double jittered = limited * (1 - ThreadLocalRandom.current().nextDouble(JITTER));
        return Duration.ofNanos(Math.max(restartDelay.toNanos(), (long) jittered));
    }

    public void started(String childId) {
        counts.remove(childId);
    }

    /** The next peer that can run the child, in join order and wrapping around; null if there is none. */
    public static @Nullable PeerId next(List<MemberRow> members, PeerId me, ChildSpec spec) {
        List<MemberRow> ring = members.stream()
                .filter(m -> m.id().equals(me) || (m.isFit() && m.types().contains(spec.type())))
                .sorted(Comparator.comparingLong(MemberRow::joinOrder))
                .toList();
        for (int i = 0; i < ring.size(); i++) {
            if (ring.get(i).id().equals(me)) {
                PeerId next = ring.get((i + 1) % ring.size()).id();
                return next.equals(me) ? null : next;
            }
        }
        return null;
    }
}
