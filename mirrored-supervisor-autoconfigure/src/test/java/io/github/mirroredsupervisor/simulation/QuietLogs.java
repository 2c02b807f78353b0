package io.github.mirroredsupervisor.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** Thousands of schedules log nothing. */
final class QuietLogs implements BeforeEachCallback, AfterEachCallback {

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.github.mirroredsupervisor");
    private Level level = Level.INFO;

    @Override
    public void beforeEach(ExtensionContext test) {
        level = logger.getLevel();
        logger.setLevel(Level.OFF);
    }

    @Override
    public void afterEach(ExtensionContext test) {
        logger.setLevel(level);
    }
}
