package io.github.mirroredsupervisor.sample.benchmark.contender;

import org.springframework.context.SmartLifecycle;

/** Takes part from the start of the application to its stop. */
public final class Participation implements SmartLifecycle {

    /** What may fail. */
    @FunctionalInterface
    public interface Action {
        void run() throws Exception;
    }

    private final Action join;
    private final Action leave;
    private volatile boolean running;

    public Participation(Action join, Action leave) {
        this.join = join;
        this.leave = leave;
    }

    @Override
    public void start() {
        act(join);
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        act(leave);
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private static void act(Action action) {
        try {
            action.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
