package io.github.mirroredsupervisor.simulation;

import ch.qos.logback.classic.Level;
import io.github.mirroredsupervisor.testing.LogLevel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Turns the logs off: there are thousands of schedules. */
final class QuietLogs implements BeforeEachCallback, AfterEachCallback {

    private @Nullable LogLevel quiet;

    @Override
    public void beforeEach(ExtensionContext test) {
        quiet = LogLevel.set("io.github.mirroredsupervisor", Level.OFF);
    }

    @Override
    public void afterEach(ExtensionContext test) {
        if (quiet != null) {
            quiet.close();
        }
    }
}
