package io.github.mirroredsupervisor.sample.node;

import java.io.IOException;

/** Ends this process when the one that started it is gone, which it knows by the end of its standard input. */
final class ParentWatch {

    private ParentWatch() {}

    static void start() {
        Thread thread = new Thread(ParentWatch::watch, "parent-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private static void watch() {
        try {
            while (System.in.read() >= 0) {
                // Nothing is ever sent; only the end counts.
            }
        } catch (IOException e) {
            // A broken pipe says the same as its end.
        }
        // Not exit: an orderly leave would wait for a database that goes away at the same time.
        Runtime.getRuntime().halt(1);
    }
}
