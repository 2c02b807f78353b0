package io.github.mirroredsupervisor.simulation;

import io.github.mirroredsupervisor.internal.platform.Loop;
import java.util.function.LongSupplier;

/** A loop of a {@link SimulatedProcess}. */
final class SimulatedLoop implements Loop {

    private static final long AFTER_FAILURE_NANOS = 50_000_000;

    /**
     * A loop that listens is woken when there is something to read. If it was busy then, it finds that at its next
     * look.
     */
    private static final long LISTENS_NANOS = 200_000_000;

    private static final long NEVER = Long.MAX_VALUE / 4;

    private final SimulatedProcess process;
    private final LongSupplier step;
    private final Runnable last;

    /** Whether it must be woken because it would wait without a time-out. */
    private final boolean listens;

    private boolean running;
    private boolean over;
    private boolean inStep;
    private boolean woken;
    private int plan;

    SimulatedLoop(SimulatedProcess process, LongSupplier step, Runnable last, boolean listens) {
        this.process = process;
        this.step = step;
        this.last = last;
        this.listens = listens;
    }

    @Override
    public void start() {
        running = true;
        plan(0);
    }

    @Override
    public void wake() {
        woken = true;
        if (running && !inStep) {
            plan(0);
        }
    }

    @Override
    public void close() {
        running = false;
        if (!inStep) {
            plan(0);
        }
    }

    private void plan(long nanos) {
        int mine = ++plan;
        if (nanos < NEVER) {
            process.later(nanos, () -> {
                if (mine == plan) {
                    step();
                }
            });
        }
    }

    private void step() {
        if (over) {
            return;
        }
        if (!running) {
            over = true;
            last.run();
            return;
        }
        inStep = true;
        woken = false;
        long pause = takeStep();
        inStep = false;
        if (woken || !running) {
            plan(0);
        } else {
            plan(listens && pause == 0 ? LISTENS_NANOS : Math.max(0, pause));
        }
    }

    private long takeStep() {
        try {
            return step.getAsLong();
        } catch (SimulatedProcess.Killed gone) {
            throw gone;
        } catch (Throwable unexpected) {
            return AFTER_FAILURE_NANOS;
        }
    }
}
