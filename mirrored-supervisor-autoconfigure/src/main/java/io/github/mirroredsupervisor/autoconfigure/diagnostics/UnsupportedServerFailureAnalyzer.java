package io.github.mirroredsupervisor.autoconfigure.diagnostics;

import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** The database server is not one that the store supports. */
final class UnsupportedServerFailureAnalyzer extends AbstractFailureAnalyzer<UnsupportedServerException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnsupportedServerException cause) {
        return new FailureAnalysis(
                String.valueOf(cause.getMessage()),
                "Connect the mirrored supervisor to a writable primary of PostgreSQL 14 or later, by spring.datasource.url or "
                        + "mirrored-supervisor.datasource.url, or set mirrored-supervisor.enabled=false.",
                cause);
    }
}
