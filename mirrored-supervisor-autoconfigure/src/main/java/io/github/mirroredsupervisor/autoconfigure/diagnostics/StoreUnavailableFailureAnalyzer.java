package io.github.mirroredsupervisor.autoconfigure.diagnostics;

import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.internal.postgres.server.UnsupportedServerException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** The database did not answer while the peer joined. */
final class StoreUnavailableFailureAnalyzer extends AbstractFailureAnalyzer<StoreUnavailableException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, StoreUnavailableException cause) {
        if (cause.getCause() instanceof UnsupportedServerException) {
            return null; // the server answered but is unsupported: another analyzer reports it
        }
        return new FailureAnalysis(
                "The mirrored supervisor could not join its groups because the database did not answer: "
                        + cause.getMessage(),
                DatabaseAdvice.of(cause)
                        + " With mirrored-supervisor.startup=lenient the application starts without the database, and its peer joins when it can.",
                cause);
    }
}
