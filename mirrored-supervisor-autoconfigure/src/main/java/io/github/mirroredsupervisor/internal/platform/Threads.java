package io.github.mirroredsupervisor.internal.platform;

import java.util.concurrent.ThreadFactory;

/** The peer's own threads: platform threads, daemons, named. */
public final class Threads {

    private Threads() {}

    /** Logs a message and ignores failures: no thread of the peer ends because a message could not be written. */
    public static void say(Runnable message) {
        try {
            message.run();
        } catch (Throwable unsayable) {
            Thread.onSpinWait(); // logging itself has failed
        }
    }

    static ThreadFactory daemon(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
