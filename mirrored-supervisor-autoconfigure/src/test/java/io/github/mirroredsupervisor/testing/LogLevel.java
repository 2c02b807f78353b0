package io.github.mirroredsupervisor.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Sets the level of a logger until this is closed. Then the logger gets its former level back: null if it was
 * inherited.
 */
public final class LogLevel implements AutoCloseable {

    private final String logger;
    private final @Nullable Level before;

    private LogLevel(String logger) {
        this.logger = logger;
        this.before = logger(logger).getLevel();
    }

    public static LogLevel set(String logger, Level level) {
        LogLevel change = keep(logger);
        logger(logger).setLevel(level);
        return change;
    }

    /** Changes nothing now, but restores the level if the code under test changes it. */
    public static LogLevel keep(String logger) {
        return new LogLevel(logger);
    }

    @Override
    public void close() {
        logger(logger).setLevel(before);
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }
}
