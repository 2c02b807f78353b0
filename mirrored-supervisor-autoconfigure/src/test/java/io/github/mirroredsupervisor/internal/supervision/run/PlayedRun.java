package io.github.mirroredsupervisor.internal.supervision.run;

import io.github.mirroredsupervisor.internal.supervision.values.Exit;
import java.util.function.Consumer;

/**
 * A run that a simulation plays in place of a thread: its steps are those of {@link ChildRun#run}, taken one by one
 * whenever the simulation says.
 */
public final class PlayedRun extends Thread {

    private final ChildRun run;
    private final Consumer<PlayedRun> started;
    private final Consumer<PlayedRun> told;

    private PlayedRun(ChildRun run, Consumer<PlayedRun> started, Consumer<PlayedRun> told) {
        this.run = run;
        this.started = started;
        this.told = told;
    }

    /**
     * In place of a thread for what a supervisor wants to be run.
     *
     * @param started called when the thread would be started
     * @param told called when it would be interrupted
     */
    public static Thread of(Runnable run, Consumer<PlayedRun> started, Consumer<PlayedRun> told) {
        return new PlayedRun((ChildRun) run, started, told);
    }

    @Override
    public void start() {
        started.accept(this);
    }

    @Override
    public void interrupt() {
        told.accept(this);
    }

    public String childId() {
        return run.ref().childId();
    }

    public long token() {
        return run.ref().fencingToken();
    }

    /** The incarnation that it runs for. */
    public String owner() {
        return run.ref().owner().id().toString();
    }

    public boolean isStopping() {
        return run.signal().isStopping();
    }

    /** Whether it may begin; if not, it is over. */
    public boolean begin() {
        if (run.isAllowed()) {
            return true;
        }
        run.end(run.notRun());
        return false;
    }

    public void initReturned() {
        run.initReturned();
    }

    public void end() {
        run.end(isStopping() ? Exit.stopped(null) : Exit.returned());
    }

    public void crash() {
        run.end(Exit.thrownByRun(new IllegalStateException("crash")));
    }
}
