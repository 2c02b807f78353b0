package io.github.mirroredsupervisor.sample.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** POSIX signals, by the {@code kill} command: Java itself can only end processes. */
final class Signals {

    private static final boolean AVAILABLE =
            !System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("windows");

    private static final int ATTEMPTS = 1_000;
    private static final long ATTEMPT_NANOS = 1_000_000L;

    private Signals() {}

    /** False on Windows, which has none. */
    static boolean available() {
        return AVAILABLE;
    }

    /** SIGSTOP; returns when the process stands still. */
    static void pause(long pid) {
        send("STOP", pid);
        awaitStopped(pid, true);
    }

    /** SIGCONT; returns when the process runs. */
    static void resume(long pid) {
        send("CONT", pid);
        awaitStopped(pid, false);
    }

    /**
     * Sends a signal, named without SIG.
     *
     * @throws IllegalStateException if the signal could not be sent
     */
    static void send(String signal, long pid) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                    .redirectErrorStream(true)
                    .start();
            if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
                throw new IllegalStateException("kill -" + signal + " " + pid + " failed");
            }
        } catch (IOException e) {
            throw new IllegalStateException("kill -" + signal + " " + pid + " failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted in kill -" + signal + " " + pid, e);
        }
    }

    /** A signal takes a moment; until then the process would look as if somebody had sent the opposite one. */
    private static void awaitStopped(long pid, boolean wanted) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Boolean stopped = isStopped(pid);
            if (stopped == null || stopped == wanted) {
                return;
            }
            LockSupport.parkNanos(ATTEMPT_NANOS);
        }
    }

    /** Whether the process stands still; null where the system does not show it in files, which only Linux does. */
    static @Nullable Boolean isStopped(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
        } catch (IOException | StringIndexOutOfBoundsException e) {
            return null;
        }
    }
}
