package io.github.mirroredsupervisor.sample.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** POSIX signals, by the {@code kill} command: Java itself can only end processes. */
public final class Signals {

    private static final boolean AVAILABLE =
            !System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("windows");

    private static final int ATTEMPTS = 1_000;
    private static final long ATTEMPT_NANOS = 1_000_000L;

    private Signals() {}

    /** False on Windows, which has none. */
    public static boolean available() {
        return AVAILABLE;
    }

    /** SIGSTOP; returns when the process stands still. */
    public static void pause(long pid) {
        send("STOP", pid);
        awaitStopped(pid, true);
    }

    /** SIGCONT; returns when the process runs. */
    public static void resume(long pid) {
        send("CONT", pid);
        awaitStopped(pid, false);
    }

    /** SIGSTOP for all of them at once; returns when they stand still. Such as are gone are left out. */
    public static void pause(Collection<Long> pids) {
        send("STOP", pids);
        pids.forEach(pid -> awaitStopped(pid, true));
    }

    /** SIGCONT for all of them at once. Such as are gone are left out. */
    public static void resume(Collection<Long> pids) {
        send("CONT", pids);
    }

    /**
     * Sends a signal, named without SIG.
     *
     * @throws IllegalStateException if the signal could not be sent
     */
    public static void send(String signal, long pid) {
        if (send(signal, List.of(pid)) != 0) {
            throw new IllegalStateException("kill -" + signal + " " + pid + " failed");
        }
    }

    private static int send(String signal, Collection<Long> pids) {
        List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
        pids.forEach(pid -> command.add(Long.toString(pid)));
        try {
            Process kill = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return kill.waitFor(5, TimeUnit.SECONDS) ? kill.exitValue() : 1;
        } catch (IOException e) {
            throw new IllegalStateException(String.join(" ", command) + " failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted in " + String.join(" ", command), e);
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
    public static @Nullable Boolean isStopped(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
        } catch (IOException | StringIndexOutOfBoundsException e) {
            return null;
        }
    }
}
