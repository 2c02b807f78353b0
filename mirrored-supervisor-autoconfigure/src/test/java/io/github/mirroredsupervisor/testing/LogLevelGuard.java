package io.github.mirroredsupervisor.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * Fails a test class that leaves a log level changed. Otherwise the class that happens to run next in the JVM fails,
 * because it misses lines or reads too many. Applies to every class.
 */
public final class LogLevelGuard implements AfterAllCallback {

    private static final String OURS = "io.github.mirroredsupervisor";

    /** The levels of logback-test.xml. */
    private static final Map<String, Level> CONFIGURED = Map.of(OURS, Level.INFO);

    @Override
    public void afterAll(ExtensionContext tests) {
        LoggerContext loggers = (LoggerContext) LoggerFactory.getILoggerFactory();
        Map<String, Level> levels = loggers.getLoggerList().stream()
                .filter(logger -> logger.getName().startsWith(OURS) && logger.getLevel() != null)
                .collect(Collectors.toMap(Logger::getName, Logger::getLevel));
        if (!levels.equals(CONFIGURED)) {
            loggers.getLoggerList().stream()
                    .filter(logger -> logger.getName().startsWith(OURS))
                    .forEach(logger -> logger.setLevel(CONFIGURED.get(logger.getName())));
            throw new AssertionError(
                    tests.getDisplayName() + " leaves the log levels " + levels + " behind, not " + CONFIGURED);
        }
    }
}
