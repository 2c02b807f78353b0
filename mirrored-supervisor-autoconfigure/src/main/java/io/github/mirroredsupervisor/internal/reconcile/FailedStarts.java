package io.github.mirroredsupervisor.internal.reconcile;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.store.MemberRow;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Children that cannot be started here (semantics row B42). The cause may be this process or its machine, so after a
 * few failures another peer that can run the child is to try, and hands it on in the same way. A peer that gets it back
 * knows that it went round: it makes the child wait, for longer with every round. Confined to the group's loop.
 */
public final class FailedStarts {

    /** How often a child is tried before another peer is to try. */
    public static final int TRIES = 3;

    /** How often one that comes back is. */
    private static final int TRIES_AGAIN = 2;

    /** A delay is shorter by up to this part, so that what failed together is not tried together again. */
    private static final double JITTER = 0.2;

    /** So many children are remembered; the one that failed longest ago is forgotten first, and then begins anew. */
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
     * It could not be started once more.
     *
     * @param others who could try instead; null if nobody
     * @return who is to try now; null if this peer is to go on
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
     * How long it is to wait here; null if no longer than any other.
     *
     * @param longest no delay is longer; a restart delay that is longer by itself does not grow
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

    /** The one after this peer, in the order of joining and round again; null if there is none. */
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
