package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.platform.Nanos;
import io.github.mirroredsupervisor.internal.supervision.ChildState.AwaitingToken;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Delayed;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Down;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Queued;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Starting;
import io.github.mirroredsupervisor.internal.supervision.ChildState.Stopping;
import io.github.mirroredsupervisor.internal.supervision.Effect.Order;
import io.github.mirroredsupervisor.internal.supervision.values.Launch;
import io.github.mirroredsupervisor.internal.supervision.values.Launch.Attempt;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The active start sequences. Each advances when its head has started or failed to start (semantics row A11). Under
 * one_for_one that concerns declared children only. The others of a batch begin in order too, but several are in their
 * init at a time. A child whose caller waits begins at once.
 */
final class Starts {

    private final SupervisorState ledger;
    private final List<Sequence> sequences = new ArrayList<>();
    private final Inits inits;

    Starts(SupervisorState ledger) {
        this.ledger = ledger;
        this.inits = new Inits(ledger);
    }

    void batch(List<Launch> launches) {
        List<String> accepted = new ArrayList<>(launches.size());
        Set<String> together = new HashSet<>();
        for (Launch launch : launches) {
            if (accept(launch)) {
                String id = launch.spec().id();
                boolean ordered = launch.declared() || !isOneForOne();
                if (!ordered && launch.attempt() == Attempt.COMMANDED) {
                    sequences.add(Sequence.batch(List.of(id))); // a caller waits for its own start only (row A18)
                } else {
                    accepted.add(id);
                    if (!ordered) {
                        together.add(id);
                    }
                }
            }
        }
        sequences.add(Sequence.batch(accepted, together));
    }

    private boolean isOneForOne() {
        return ledger.flags.strategy() == Strategy.ONE_FOR_ONE;
    }

    /**
     * Carries out a launch that was stored while the child's previous thread lived. Its token was accepted at that
     * time.
     */
    void relaunch(Child ended, Launch launch) {
        queue(ended, launch);
        sequences.add(Sequence.batch(List.of(launch.spec().id())));
    }

    void granted(Child child, AwaitingToken awaiting, long token) {
        if (!ledger.useToken(child.id(), token)) {
            return;
        }
        ledger.put(child.queued(token, awaiting.attempt(), StartCause.RESTARTED));
        if (!isSequenced(child.id())) {
            sequences.add(Sequence.batch(List.of(child.id())));
        }
    }

    void add(Sequence sequence) {
        for (Sequence other : sequences) {
            other.dropAll(sequence);
        }
        sequences.add(sequence);
    }

    void remove(Sequence sequence) {
        sequences.remove(sequence);
    }

    void clear() {
        sequences.clear();
    }

    /** An initial child has failed to start: the remaining ones are not started (semantics row A12). */
    void dropInitial() {
        for (Child child : ledger.inStartOrder()) {
            if (child.state() instanceof Queued queued && queued.attempt() == Attempt.INITIAL) {
                ledger.put(child.in(new Down()));
                sequences.forEach(sequence -> sequence.drop(child.id()));
            }
        }
    }

    /** Starts every child that may start now. */
    void advance() {
        sequences.removeIf(this::advance);
    }

    /** When the next sequence stops waiting for slow inits; null if no sequence will. */
    @Nullable
    Long earliestLimit() {
        Long earliest = null;
        for (Sequence sequence : sequences) {
            Long limit = sequence.limit();
            if (limit != null && (earliest == null || limit - earliest < 0)) {
                earliest = limit;
            }
        }
        return earliest;
    }

    private boolean accept(Launch launch) {
        String id = launch.spec().id();
        Child known = ledger.child(id);
        Stopping ending = known != null && known.state() instanceof Stopping stopping ? stopping : null;
        boolean up = known != null && ending == null && known.state().status().isLive();
        if (up || !ledger.useToken(id, launch.token())) {
            return false;
        }
        if (known != null && ending != null) {
            ledger.put(known.in(ending.then(launch)));
            return false;
        }
        queue(known, launch);
        return true;
    }

    private void queue(@Nullable Child known, Launch launch) {
        ledger.put(new Child(
                launch.spec(),
                launch.order(),
                launch.token(),
                new Queued(launch.attempt(), launch.cause()),
                known == null ? 0 : known.restarts(),
                known == null ? null : known.lastExit()));
        sequences.forEach(sequence -> sequence.drop(launch.spec().id()));
    }

    private boolean isSequenced(String id) {
        for (Sequence sequence : sequences) {
            if (sequence.contains(id)) {
                return true;
            }
        }
        return false;
    }

    /** Starts the next children of the sequence. Returns whether the sequence is finished. */
    private boolean advance(Sequence sequence) {
        if (sequence.isHeld()) {
            return false;
        }
        for (String id = sequence.head(); id != null; id = sequence.head()) {
            Child child = ledger.child(id);
            if (child != null && child.state() instanceof Queued queued) {
                if (sequence.isTogether(id) && inits.areFull()) {
                    sequence.limit(inits.nextLimit());
                    return false;
                }
                launch(child, queued, sequence);
                if (sequence.isLast() && !sequence.isCycle()) {
                    return true;
                }
            }
            if (mustWaitFor(id, sequence)) {
                return false;
            }
            sequence.drop(id);
        }
        return true;
    }

    private void launch(Child child, Queued queued, Sequence sequence) {
        Child launched = ledger.put(child.launched(queued));
        ledger.add(new Order(Order.Act.START, ledger.view(launched)));
        if (!isOneForOne()) {
            sequence.limit(null); // dependent children wait for a slow init without limit
            return;
        }
        long limit = ledger.nanos() + Nanos.of(ledger.flags.bounds().stop());
        sequence.limit(limit);
        if (sequence.isTogether(child.id())) {
            inits.begun(launched, limit);
        }
    }

    private boolean mustWaitFor(String id, Sequence sequence) {
        Child child = ledger.child(id);
        if (child == null || sequence.isTogether(id)) {
            return false;
        }
        ChildState state = child.state();
        if (state instanceof Starting) {
            Long limit = sequence.limit();
            return limit == null || limit - ledger.nanos() > 0;
        }
        return sequence.isCycle() && isComingBack(state);
    }

    /**
     * Whether the cycle will still start this child. A child whose first start failed is retried separately (row B42).
     */
    private static boolean isComingBack(ChildState state) {
        return state instanceof AwaitingToken
                || (state instanceof Delayed delayed && delayed.attempt() == Attempt.RESTART)
                || (state instanceof Stopping stopping && stopping.reason() == StopReason.SIBLING);
    }

    /** Children to start in order: a requested batch, or the siblings that a strategy restarts. */
    static final class Sequence {

        private final LinkedHashSet<String> waiting;

        /** The children that wait for no init of their own kind. */
        private final Set<String> together;

        private final boolean cycle;

        /** Whether the siblings are still being stopped. */
        private boolean held;

        /** When the sequence stops waiting for the inits that hold it up; null for never. */
        private @Nullable Long limit;

        private Sequence(Collection<String> ids, Set<String> together, boolean cycle) {
            this.waiting = new LinkedHashSet<>(ids);
            this.together = together;
            this.cycle = cycle;
            this.held = cycle;
        }

        /** Children that start one after another. */
        static Sequence batch(Collection<String> ids) {
            return batch(ids, Set.of());
        }

        /** Children of which some may be in their init at the same time. */
        static Sequence batch(Collection<String> ids, Set<String> together) {
            return new Sequence(ids, together, false);
        }

        /** A sequence of siblings. None of them starts before {@link #release}. */
        static Sequence cycle(Collection<String> ids) {
            return new Sequence(ids, Set.of(), true);
        }

        boolean isTogether(String id) {
            return together.contains(id);
        }

        boolean isCycle() {
            return cycle;
        }

        boolean isHeld() {
            return held;
        }

        void release() {
            held = false;
        }

        boolean contains(String id) {
            return waiting.contains(id);
        }

        @Nullable
        String head() {
            Iterator<String> ids = waiting.iterator();
            return ids.hasNext() ? ids.next() : null;
        }

        boolean isLast() {
            return waiting.size() == 1;
        }

        void drop(String id) {
            waiting.remove(id);
        }

        /** Removes the children that are also in the other sequence. */
        void dropAll(Sequence other) {
            waiting.removeAll(other.waiting);
        }

        @Nullable
        Long limit() {
            return limit;
        }

        void limit(@Nullable Long nanos) {
            limit = nanos;
        }
    }
}
