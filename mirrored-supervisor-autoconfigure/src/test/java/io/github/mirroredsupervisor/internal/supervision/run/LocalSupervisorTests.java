package io.github.mirroredsupervisor.internal.supervision.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildExit;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.FencedWork;
import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.OutagePolicy;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.StaleOwnerException;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.supervision.Effect.Notice;
import io.github.mirroredsupervisor.internal.supervision.Specs;
import io.github.mirroredsupervisor.internal.supervision.values.Launch;
import io.github.mirroredsupervisor.internal.supervision.values.Launch.Attempt;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild.Status;
import io.github.mirroredsupervisor.internal.supervision.values.OnIntensityExceeded;
import io.github.mirroredsupervisor.internal.supervision.values.StopReason;
import io.github.mirroredsupervisor.internal.supervision.values.Strategy;
import io.github.mirroredsupervisor.internal.supervision.values.SupervisorFlags;
import io.github.mirroredsupervisor.testing.LogLevel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class LocalSupervisorTests {

    private static final SupervisorFlags FLAGS = flags(Strategy.ONE_FOR_ONE);

    private final RecordedNotices notices = new RecordedNotices();
    private final TestEnvironment environment = new TestEnvironment();
    private final CountDownLatch release = new CountDownLatch(1);
    private DrivenSupervisor supervisor = supervisor(FLAGS);

    @AfterEach
    void close() {
        release.countDown();
        supervisor.close();
    }

    @Test
    void startsInOrderEachAfterItsPredecessorsInit() {
        List<String> order = new CopyOnWriteArrayList<>();
        CountDownLatch firstMayFinish = new CountDownLatch(1);
        environment.child("a", init(() -> {
            order.add("a begins");
            firstMayFinish.await();
            order.add("a ends");
        }));
        environment.child("b", init(() -> order.add("b begins")));
        supervisor.start(List.of(launch("a", 1), launch("b", 1)));
        await().until(() -> order.contains("a begins"));
        assertThat(supervisor.children().get("b").status()).isEqualTo(Status.STARTING);
        firstMayFinish.countDown();
        notices.awaitLine("started b#1 STARTED");
        assertThat(order).containsExactly("a begins", "a ends", "b begins");
        assertThat(supervisor.children().keySet()).containsExactly("a", "b");
    }

    @Test
    void startsOthersWhileAnInitIsSlow() {
        environment.child("slow", init(release::await));
        supervisor.start(List.of(launch("slow", 1)));
        supervisor.start(List.of(launch("quick", 1)));
        notices.awaitLine("started quick#1 STARTED");
        supervisor.stop("quick", StopReason.TERMINATED);
        notices.awaitLine("stopped quick TERMINATED DOWN");
        assertThat(supervisor.children().get("slow").status()).isEqualTo(Status.STARTING);
    }

    @Test
    void reportsAFailedADeclinedAndAnUnmakeableStart() {
        environment.child("fails", init(() -> {
            throw new IllegalStateException("no queue");
        }));
        environment.child("declines", init(() -> {
            throw ChildExit.ignore();
        }));
        environment.child("dies", init(() -> {
            throw new OutOfMemoryError("simulated");
        }));
        environment.unmakeable = "unmakeable";
        supervisor.start(
                List.of(command("fails", 1), command("declines", 1), command("dies", 1), command("unmakeable", 1)));
        notices.awaitLine("startFailed fails DOWN");
        notices.awaitLine("startFailed declines COMPLETED");
        notices.awaitLine("startFailed dies DOWN");
        notices.awaitLine("startFailed unmakeable DOWN");
        assertThat(lastExit("fails")).isEqualTo("START_FAILED IllegalStateException: no queue");
        assertThat(lastExit("dies")).isEqualTo("START_FAILED OutOfMemoryError: simulated");
    }

    @Test
    void restartsACrashedChildUnderANewToken() {
        grantTokens();
        AtomicLong runs = new AtomicLong();
        environment.child("a", context -> {
            if (runs.incrementAndGet() == 1) {
                throw new AssertionError("an Error is a crash too");
            }
            untilStopped(context);
        });
        supervisor.start(List.of(launch("a", 1)));
        notices.awaitLine("started a#2 RESTARTED");
        assertThat(notices.lines)
                .containsExactly(
                        "started a#1 STARTED",
                        "exited a CRASH AWAITING_TOKEN",
                        "tokenNeeded a",
                        "started a#2 RESTARTED");
    }

    @Test
    void survivesAFailureThatCannotBePrinted() {
        environment.child("a", context -> {
            throw new IllegalStateException() {
                @Override
                public String getMessage() {
                    throw new StackOverflowError("simulated");
                }
            };
        });
        supervisor.start(List.of(launch("a", 1)));
        notices.awaitLine("exited a CRASH AWAITING_TOKEN");
    }

    @Test
    void completesATransientChild() {
        environment.child("a", context -> {});
        supervisor.start(List.of(launch(spec("a").withRestart(RestartType.TRANSIENT), 1)));
        notices.awaitLine("exited a NORMAL COMPLETED");
    }

    @Test
    void delaysARestartInRealTime() {
        close();
        supervisor = supervisor(new SupervisorFlags(
                Strategy.ONE_FOR_ONE,
                0,
                Duration.ofSeconds(5),
                Duration.ofMillis(50),
                OnIntensityExceeded.TERMINATE_GROUP,
                Specs.BOUNDS));
        grantTokens();
        AtomicLong runs = new AtomicLong();
        environment.child("a", context -> {
            if (runs.incrementAndGet() <= 3) {
                throw new IllegalStateException("boom");
            }
            untilStopped(context);
        });
        supervisor.start(List.of(launch("a", 1)));
        notices.awaitLine("started a#4 RESTARTED");
        assertThat(notices.only("restartDelayed")).hasSize(3);
    }

    @Test
    void givesAChildItsSurroundings() throws Exception {
        AtomicReference<String> seen = new AtomicReference<>();
        AtomicReference<ChildContext> leaked = new AtomicReference<>();
        CountDownLatch ran = new CountDownLatch(1);
        environment.child("a", context -> {
            seen.set(Thread.currentThread().getName() + " " + context.group() + " " + context.childId() + " "
                    + context.fencingToken() + " " + context.arguments(String.class) + " " + context.mayRun() + " "
                    + MDC.get("mirrored.group") + " " + MDC.get("mirrored.child") + " " + MDC.get("mirrored.token"));
            leaked.set(context);
            environment.permitted = false;
            assertThat(context.mayRun()).isFalse();
            assertThat(context.isStopping()).isFalse();
            environment.permitted = true;
            ran.countDown();
            untilStopped(context);
        });
        supervisor.start(List.of(launch(spec("a").withArguments(Map.of("value", "x")), 7)));
        assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(seen.get()).isEqualTo("orders/a#7 orders a 7 x true orders a 7");
        supervisor.stop("a", StopReason.TERMINATED);
        notices.awaitLine("stopped a TERMINATED DOWN");
        assertThat(leaked.get().mayRun()).isFalse();
        leaked.get().sleep(Duration.ofDays(1));
    }

    @Test
    void clearsTheLoggingContextOfThreadsThatLiveOn() throws Exception {
        AtomicReference<Map<String, String>> after = new AtomicReference<>();
        ThreadFactory factory = task -> new Thread(() -> {
            task.run();
            after.set(MDC.getCopyOfContextMap());
        });
        try (DrivenSupervisor own = new DrivenSupervisor(FLAGS, environment, notices, factory)) {
            environment.child("a", context -> {});
            own.start(List.of(launch(spec("a").withRestart(RestartType.TRANSIENT), 1)));
            await().until(() -> after.get() != null);
            assertThat(after.get()).doesNotContainKeys("mirrored.group", "mirrored.child", "mirrored.token");
        }
    }

    @Test
    void aSleepSwallowsTheStopsInterruptAndNothingElse() {
        AtomicReference<String> seen = new AtomicReference<>("");
        environment.child("a", context -> {
            context.sleep(Duration.ofDays(1));
            seen.set(context.isStopping() + " " + Thread.currentThread().isInterrupted());
            Thread.currentThread().interrupt();
            try {
                context.sleep(Duration.ofDays(1));
            } catch (InterruptedException e) {
                seen.set(seen.get() + " foreign");
            }
        });
        supervisor.start(List.of(launch("a", 1)));
        notices.awaitLine("started a#1 STARTED");
        supervisor.stop("a", StopReason.TERMINATED);
        notices.awaitLine("stopped a TERMINATED DOWN");
        assertThat(seen.get()).isEqualTo("true false foreign");
    }

    @Test
    void aSleepInterruptedByOthersThrows() {
        environment.child("a", context -> {
            Thread.currentThread().interrupt();
            context.sleep(Duration.ofDays(1));
        });
        supervisor.start(List.of(launch(spec("a").withRestart(RestartType.TEMPORARY), 1)));
        notices.awaitLine("exited a CRASH DOWN");
    }

    @Test
    void aSleepEndsInTime() {
        environment.child("a", context -> context.sleep(Duration.ofMillis(1)));
        supervisor.start(List.of(launch(spec("a").withRestart(RestartType.TRANSIENT), 1)));
        notices.awaitLine("exited a NORMAL COMPLETED");
    }

    @Test
    void whatIsThrownAfterTheStopIsNoCrash() {
        environment.child("a", context -> {
            untilStopped(context);
            throw new StackOverflowError("simulated");
        });
        supervisor.start(List.of(launch("a", 1)));
        notices.awaitLine("started a#1 STARTED");
        supervisor.stop("a", StopReason.TERMINATED);
        notices.awaitLine("stopped a TERMINATED DOWN");
        assertThat(notices.only("exited")).isEmpty();
        assertThat(lastExit("a")).isEqualTo("STOPPED null");
    }

    @Test
    void aChildStoppedInItsInitStillRunsSoThatItClosesWhatInitOpened() {
        AtomicReference<String> seen = new AtomicReference<>("not run");
        CountDownLatch inInit = new CountDownLatch(1);
        environment.child("a", new ChildProcess() {
            @Override
            public void init(ChildContext context) throws InterruptedException {
                inInit.countDown();
                untilStopped(context);
            }

            @Override
            public void run(ChildContext context) {
                seen.set("run, stopping: " + context.isStopping());
            }
        });
        supervisor.start(List.of(launch("a", 1)));
        await().until(() -> inInit.getCount() == 0);
        supervisor.stop("a", StopReason.TERMINATED);
        notices.awaitLine("stopped a TERMINATED DOWN");
        assertThat(seen.get()).isEqualTo("run, stopping: true");
        assertThat(notices.only("started")).isEmpty();
    }

    @Test
    void aChildThatIgnoresItsStopIsStuckUntilItsThreadEnds() {
        environment.child("a", context -> deaf());
        supervisor.start(List.of(launch(spec("a").withShutdown(new Shutdown.Timeout(Duration.ofMillis(50))), 1)));
        notices.awaitLine("started a#1 STARTED");
        supervisor.stop("a", StopReason.REPLACED);
        supervisor.start(List.of(launch("a", 2)));
        notices.awaitLine("stuck a");
        assertThat(supervisor.children().get("a").status()).isEqualTo(Status.STUCK);
        assertThat(notices.lines).doesNotContain("started a#2 STARTED");
        release.countDown();
        notices.awaitLine("started a#2 STARTED");
        assertThat(notices.only("stuck", "stopped", "started"))
                .containsExactly("started a#1 STARTED", "stuck a", "stopped a REPLACED DOWN", "started a#2 STARTED");
    }

    @Test
    void aHungChildIsInterruptedAndRestarted() {
        grantTokens();
        AtomicLong runs = new AtomicLong();
        environment.child("a", context -> {
            if (runs.incrementAndGet() == 1) {
                context.progress();
                new CountDownLatch(1).await(); // as somebody does who waits for an answer that never comes
            }
            untilStopped(context);
        });
        ChildSpec watched = spec("a").withProgressTimeout(Duration.ofMillis(50));
        supervisor.start(List.of(launch(watched, 1)));
        notices.awaitLine("exited a CRASH AWAITING_TOKEN");
        notices.awaitLine("started a#2 RESTARTED");
        assertThat(runs.get()).isEqualTo(2);
    }

    @Test
    void whatAStuckChildRegisteredIsClosedTheLastFirst() {
        List<String> closed = new CopyOnWriteArrayList<>();
        environment.child("a", context -> {
            context.onForcedStop(() -> {
                closed.add("first");
                release.countDown();
            });
            context.onForcedStop(() -> {
                closed.add("last");
                throw new IllegalStateException("already closed");
            });
            deaf();
        });
        supervisor.start(List.of(launch(spec("a").withShutdown(new Shutdown.Brutal()), 1)));
        notices.awaitLine("started a#1 STARTED");
        supervisor.stop("a", StopReason.TERMINATED);
        notices.awaitLine("stopped a TERMINATED DOWN");
        assertThat(closed).containsExactly("last", "first");
    }

    @Test
    void nothingIsClosedForAChildThatEndsInTime() {
        List<String> closed = new CopyOnWriteArrayList<>();
        environment.child("a", context -> {
            context.onForcedStop(() -> closed.add("a"));
            untilStopped(context);
        });
        supervisor.start(List.of(launch("a", 1)));
        notices.awaitLine("started a#1 STARTED");
        supervisor.stop("a", StopReason.TERMINATED);
        notices.awaitLine("stopped a TERMINATED DOWN");
        assertThat(closed).isEmpty();
    }

    @Test
    void aBrutalStopDoesNotWait() {
        environment.child("a", context -> deaf());
        supervisor.start(List.of(launch(spec("a").withShutdown(new Shutdown.Brutal()), 1)));
        notices.awaitLine("started a#1 STARTED");
        supervisor.stop("a", StopReason.TERMINATED);
        notices.awaitLine("stuck a");
    }

    @Test
    void aChildThatDeclinedTheFirstInterruptGetsASecond() {
        environment.child("a", context -> {
            try {
                release.await();
            } catch (InterruptedException first) {
                release.await();
            }
        });
        supervisor.start(List.of(launch(spec("a").withShutdown(new Shutdown.Timeout(Duration.ofMillis(50))), 1)));
        notices.awaitLine("started a#1 STARTED");
        supervisor.stop("a", StopReason.TERMINATED);
        notices.awaitLine("stopped a TERMINATED DOWN");
    }

    @Test
    void revokingStopsEverythingWithinTheStopBoundAndItCanStartAgain() {
        environment.child("deaf", context -> deaf());
        supervisor.start(List.of(
                launch("a", 1),
                launch(spec("deaf").withShutdown(new Shutdown.Infinity()), 1),
                launch(spec("on").withOnOutage(OutagePolicy.CONTINUE), 1)));
        notices.awaitLine("started a#1 STARTED");
        notices.awaitLine("started deaf#1 STARTED");
        notices.awaitLine("started on#1 STARTED");
        environment.permitted = false;
        supervisor.revoke(true);
        notices.awaitLine("stopped a PERMISSION_LOST DOWN");
        notices.awaitLine("stuck deaf");
        assertThat(supervisor.children().get("on").status()).isEqualTo(Status.RUNNING);
        supervisor.start(List.of(launch("a", 2)));
        await().until(() -> notices.lines.stream()
                        .filter("stopped a PERMISSION_LOST DOWN"::equals)
                        .count()
                == 2);
        environment.permitted = true;
        supervisor.start(List.of(launch("a", 3)));
        notices.awaitLine("started a#3 STARTED");
        assertThat(notices.lines).doesNotContain("started a#2 STARTED");
    }

    @Test
    void aRevocationReachesTheChildEvenWhileTheSupervisorIsBusy() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch listening = new CountDownLatch(1);
        environment.child("a", context -> {
            untilStopped(context);
            told.countDown();
        });
        notices.onTokenNeeded = child -> {
            listening.countDown();
            awaitQuietly(release);
        };
        environment.child("b", context -> {
            throw new IllegalStateException("boom");
        });
        supervisor.start(List.of(launch("a", 1), launch("b", 1)));
        assertThat(listening.await(20, TimeUnit.SECONDS)).isTrue();
        supervisor.revoke(false);
        assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
        release.countDown();
        notices.awaitLine("stopped a PERMISSION_LOST DOWN");
        notices.awaitLine("stopped b PERMISSION_LOST DOWN");
    }

    @Test
    void cyclesSiblingsUnderRealThreads() {
        close();
        supervisor = supervisor(flags(Strategy.ONE_FOR_ALL));
        grantTokens();
        CountDownLatch crash = new CountDownLatch(1);
        environment.child("b", context -> {
            if (context.fencingToken() == 1) {
                crash.await();
                throw new IllegalStateException("boom");
            }
            untilStopped(context);
        });
        supervisor.start(List.of(launch("a", 1), launch("b", 1), launch("c", 1)));
        notices.awaitLine("started c#1 STARTED");
        crash.countDown();
        notices.awaitLine("started c#2 RESTARTED");
        assertThat(notices.only("stopped", "started"))
                .containsExactly(
                        "started a#1 STARTED",
                        "started b#1 STARTED",
                        "started c#1 STARTED",
                        "stopped c SIBLING AWAITING_TOKEN",
                        "stopped a SIBLING AWAITING_TOKEN",
                        "started a#2 RESTARTED",
                        "started b#2 RESTARTED",
                        "started c#2 RESTARTED");
    }

    @Test
    void survivesAFactoryAndAnEnvironmentThatThrow() {
        AtomicLong threads = new AtomicLong();
        ThreadFactory factory = task -> {
            if (threads.incrementAndGet() == 1) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            return new Thread(task);
        };
        try (DrivenSupervisor own = new DrivenSupervisor(FLAGS, environment, notices, factory)) {
            own.start(List.of(command("a", 1)));
            notices.awaitLine("startFailed a DOWN");
            environment.child("b", context -> {});
            own.start(List.of(launch("b", 1)));
            notices.awaitLine("tokenNeeded b");
            environment.failing = true;
            own.start(List.of(command("c", 1)));
            notices.awaitLine("startFailed c DOWN");
            environment.failing = false;
            own.start(List.of(command("d", 1)));
            notices.awaitLine("started d#1 STARTED");
            own.stopAll(StopReason.LEAVING);
            notices.awaitLine("stopped d LEAVING DOWN");
        }
    }

    @Test
    void givesUpAndIsReset() {
        close();
        supervisor = supervisor(new SupervisorFlags(
                Strategy.ONE_FOR_ONE,
                0,
                Duration.ofSeconds(5),
                Duration.ZERO,
                OnIntensityExceeded.TERMINATE_GROUP,
                Specs.BOUNDS));
        environment.child("bad", context -> {
            throw new IllegalStateException("boom");
        });
        supervisor.start(List.of(launch("good", 1), launch("bad", 1)));
        notices.awaitLine("gaveUp more than 0 restarts within PT5S; the last was of child 'bad': "
                + "IllegalStateException: boom");
        notices.awaitLine("stopped good GROUP_TERMINATED DOWN");
        supervisor.start(List.of(launch("good", 2)));
        supervisor.reset();
        supervisor.start(List.of(launch("good", 3)));
        notices.awaitLine("started good#3 STARTED");
        assertThat(notices.lines).doesNotContain("started good#2 STARTED");
    }

    @Test
    void endsItsThreadWhenItIsClosed() {
        String group = "closing";
        DrivenSupervisor own = new DrivenSupervisor(FLAGS, new TestEnvironment(group), notices, Thread::new);
        own.start(List.of(launch("a", 1)));
        notices.awaitLine("started a#1 STARTED");
        own.close();
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith(group)));
    }

    @Test
    void startsAndStopsAThousand() throws Exception {
        int count = 1_000;
        CountedNotices counting = new CountedNotices(count);
        LogLevel quiet = LogLevel.set(LocalSupervisor.class.getName(), Level.WARN);
        try (DrivenSupervisor own = new DrivenSupervisor(FLAGS, environment, counting, Thread::new)) {
            List<Launch> batch = IntStream.range(0, count)
                    .mapToObj(i -> launch("child-" + i, 1))
                    .toList();
            long began = System.nanoTime();
            own.start(batch);
            assertThat(counting.started.await(60, TimeUnit.SECONDS)).isTrue();
            long started = System.nanoTime();
            assertThat(own.children()).hasSize(count);
            long seen = System.nanoTime();
            own.stopAll(StopReason.LEAVING);
            assertThat(counting.stopped.await(60, TimeUnit.SECONDS)).isTrue();
            long stopped = System.nanoTime();
            System.out.printf(
                    "%d children on platform threads: started in %d ms, listed in %d ms, stopped in %d ms%n",
                    count, (started - began) / 1_000_000, (seen - started) / 1_000_000, (stopped - seen) / 1_000_000);
        } finally {
            quiet.close();
        }
    }

    @Test
    void p2ARunThatIsRefusedIsToldAndCountsAsStoppedWhateverItThrows() {
        environment.fence = new RefusingFence();
        AtomicReference<ChildContext> seen = new AtomicReference<>();
        environment.child("a", context -> {
            seen.set(context);
            try {
                context.inFencedTransaction(() -> 1);
            } catch (StaleOwnerException stale) {
                throw new IllegalStateException("as the child pleases", stale);
            }
        });
        supervisor.start(List.of(launch("a", 1)));
        notices.awaitLine("stopped a NOT_OWNED DOWN");
        assertThat(notices.only("stopping", "stopped", "exited"))
                .containsExactly("stopping a", "stopped a NOT_OWNED DOWN");
        assertThat(seen.get().isStopping()).isTrue();
        assertThat(lastExit("a")).isEqualTo("STOPPED null");
    }

    @Test
    void p2ARunThatIsRefusedInItsInitIsStoppedToo() {
        environment.fence = new RefusingFence();
        environment.child("a", new ChildProcess() {
            @Override
            public void init(ChildContext context) {
                context.inFencedTransaction(() -> 1);
            }

            @Override
            public void run(ChildContext context) {
                throw new AssertionError("not reached");
            }
        });
        supervisor.start(List.of(command("a", 1)));
        notices.awaitLine("stopped a NOT_OWNED DOWN");
        assertThat(notices.only("startFailed", "exited")).isEmpty();
    }

    @Test
    void p2WithoutPermissionNoTransactionIsBegunAndTheRunCountsAsStopped() {
        CountDownLatch mayWrite = new CountDownLatch(1);
        AtomicReference<Throwable> refused = new AtomicReference<>();
        environment.child("a", context -> {
            awaitQuietly(mayWrite);
            try {
                context.inFencedTransaction(() -> 1);
            } catch (StaleOwnerException stale) {
                refused.set(stale);
                throw stale;
            }
        });
        supervisor.start(List.of(launch("a", 1)));
        notices.awaitLine("started a#1 STARTED");
        environment.permitted = false; // and no watchdog has noticed yet
        mayWrite.countDown();
        notices.awaitLine("stopped a PERMISSION_LOST DOWN");
        assertThat(refused.get()).hasMessageContaining("lease");
        assertThat(notices.only("exited")).isEmpty();
    }

    @Test
    void p2AThreadThatIsUsedAgainWorksForNoRunAnyMore() {
        AtomicReference<Throwable> afterwards = new AtomicReference<>();
        supervisor.close();
        supervisor = supervisor(
                FLAGS,
                task -> new Thread(() -> {
                    task.run();
                    try {
                        CurrentRun.inFencedTransaction(() -> 1);
                    } catch (Exception e) {
                        afterwards.set(e);
                    }
                }));
        environment.child("a", context -> {});
        supervisor.start(List.of(launch("a", 1)));
        await().until(() -> afterwards.get() != null);
        assertThat(afterwards.get()).isInstanceOf(IllegalStateException.class).hasMessageContaining("runs no child");
    }

    /** Refuses every transaction as that of a stale run. */
    private static final class RefusingFence implements Fence {

        @Override
        public <T> T inTransaction(FencedRun run, FencedWork<T> work) {
            run.foundStale();
            throw new StaleOwnerException("refused " + run.ref().fencingToken());
        }
    }

    private static ChildProcess init(ThrowingRunnable init) {
        return new ChildProcess() {
            @Override
            public void init(ChildContext context) throws Exception {
                init.run();
            }

            @Override
            public void run(ChildContext context) throws Exception {
                untilStopped(context);
            }
        };
    }

    /** Hears neither the flag nor the interrupt. */
    private void deaf() {
        while (release.getCount() > 0) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void grantTokens() {
        notices.onTokenNeeded = child -> supervisor.granted(child.id(), child.token() + 1);
    }

    private String lastExit(String id) {
        LastExit exit = supervisor.children().get(id).lastExit();
        return exit.kind() + " " + exit.reason();
    }

    private static Launch command(String id, long token) {
        return new Launch(spec(id), 0, token, StartCause.STARTED, Attempt.COMMANDED, false);
    }

    private static void untilStopped(ChildContext context) throws InterruptedException {
        while (!context.isStopping()) {
            context.sleep(Duration.ofDays(1));
        }
    }

    private static ChildSpec spec(String id) {
        return ChildSpec.of(id, "test");
    }

    private static Launch launch(String id, long token) {
        return launch(spec(id), token);
    }

    private static Launch launch(ChildSpec spec, long token) {
        return new Launch(spec, 0, token, StartCause.STARTED, Attempt.FIRST, true);
    }

    private static SupervisorFlags flags(Strategy strategy) {
        return new SupervisorFlags(
                strategy,
                1,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                OnIntensityExceeded.TERMINATE_GROUP,
                Specs.BOUNDS);
    }

    private DrivenSupervisor supervisor(SupervisorFlags flags) {
        return supervisor(flags, Thread::new);
    }

    private DrivenSupervisor supervisor(SupervisorFlags flags, ThreadFactory threads) {
        return new DrivenSupervisor(flags, environment, notices, threads);
    }

    private static final class CountedNotices extends RecordedNotices {

        final CountDownLatch started;
        final CountDownLatch stopped;

        CountedNotices(int count) {
            started = new CountDownLatch(count);
            stopped = new CountDownLatch(count);
        }

        @Override
        void take(Notice notice) {
            if (notice.kind() == Notice.Kind.STARTED) {
                started.countDown();
            } else if (notice.kind() == Notice.Kind.STOPPED) {
                stopped.countDown();
            }
        }
    }

    interface ThrowingRunnable {
        void run() throws Exception;
    }

    static final class TestEnvironment implements RunEnvironment {

        private static final PeerRef OWNER = new PeerRef(PeerId.random(), "label", "host", 1);

        private final Map<String, ChildProcess> children = new ConcurrentHashMap<>();
        private final String group;
        volatile boolean permitted = true;
        volatile boolean failing;
        volatile String unmakeable = "";
        volatile Fence fence = Fence.unavailable("these children write nothing");

        TestEnvironment() {
            this("orders");
        }

        TestEnvironment(String group) {
            this.group = group;
        }

        void child(String id, ChildProcess process) {
            children.put(id, process);
        }

        @Override
        public String group() {
            return group;
        }

        @Override
        public ChildProcess create(ChildSpec spec) {
            if (spec.id().equals(unmakeable)) {
                throw new NoClassDefFoundError("simulated");
            }
            return children.getOrDefault(spec.id(), LocalSupervisorTests::untilStopped);
        }

        @Override
        public boolean permitsStart() {
            if (failing) {
                throw new IllegalStateException("environment");
            }
            return permitted;
        }

        @Override
        public PeerRef owner() {
            return OWNER;
        }

        @Override
        public Fence fence() {
            return fence;
        }

        @Override
        public boolean permits(ChildSpec spec) {
            return permitted;
        }

        @Override
        public <T> T convert(Map<String, Object> arguments, Class<T> type) {
            return type.cast(arguments.get("value"));
        }

        @Override
        public MirroredSupervisor supervisor() {
            throw new UnsupportedOperationException();
        }
    }
}
