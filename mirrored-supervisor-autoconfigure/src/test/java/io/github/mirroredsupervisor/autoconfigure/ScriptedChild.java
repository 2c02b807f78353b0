package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A child that runs a test's tasks on its own thread. It continues if a task fails, unless the test lets the child fail
 * too.
 */
class ScriptedChild implements ChildProcess {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();

    /** The contexts of its runs, the newest last. */
    final List<ChildContext> runs = new CopyOnWriteArrayList<>();

    /** What it does when it is stopped. */
    volatile Task lastly = context -> null;

    volatile CompletableFuture<Object> lastOutcome = new CompletableFuture<>();

    /** A task for the child. */
    @FunctionalInterface
    interface Task {
        Object on(ChildContext context) throws Exception;
    }

    private record Step(Task task, CompletableFuture<Object> outcome, boolean fails) {}

    @Override
    public void run(ChildContext context) throws Exception {
        runs.add(context);
        try {
            while (!context.isStopping()) {
                Step step = next();
                if (step != null) {
                    carryOut(step, context);
                }
            }
        } finally {
            outcomeOf(lastly, context, lastOutcome);
        }
    }

    private Step next() {
        try {
            return steps.poll(10, TimeUnit.MILLISECONDS);
        } catch (InterruptedException stop) {
            return null;
        }
    }

    private static void carryOut(Step step, ChildContext context) throws Exception {
        Throwable failure = outcomeOf(step.task(), context, step.outcome());
        if (failure instanceof Exception exception && step.fails()) {
            throw exception;
        }
    }

    private static Throwable outcomeOf(Task task, ChildContext context, CompletableFuture<Object> outcome) {
        try {
            outcome.complete(task.on(context));
            return null;
        } catch (Throwable failure) {
            outcome.completeExceptionally(failure);
            return failure;
        }
    }

    /** Lets the child run the task, and returns its future result. */
    CompletableFuture<Object> begin(Task task) {
        CompletableFuture<Object> outcome = new CompletableFuture<>();
        steps.add(new Step(task, outcome, false));
        return outcome;
    }

    /** Lets the child run the task, and waits for it. Throws what the task threw, which the child swallows. */
    Object does(Task task) throws Exception {
        return result(begin(task));
    }

    /** Lets the child run the task without catching what it throws. */
    Object failsAt(Task task) throws Exception {
        CompletableFuture<Object> outcome = new CompletableFuture<>();
        steps.add(new Step(task, outcome, true));
        return result(outcome);
    }

    static Object result(CompletableFuture<Object> outcome) throws Exception {
        try {
            return outcome.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception exception) {
                throw exception;
            }
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("The child does not answer", e);
        }
    }

    ChildContext lastRun() {
        return runs.get(runs.size() - 1);
    }
}
