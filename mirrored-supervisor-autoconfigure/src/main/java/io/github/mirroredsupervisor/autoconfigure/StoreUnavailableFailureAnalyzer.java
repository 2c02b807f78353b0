package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.StoreUnavailableException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** The database did not answer while the peer joined. */
final class StoreUnavailableFailureAnalyzer extends AbstractFailureAnalyzer<StoreUnavailableException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, StoreUnavailableException cause) {
        return new FailureAnalysis(
                "The mirrored supervisor could not join its groups because the database did not answer: "
                        + cause.getMessage(),
                "Check that the database is reachable without a transaction pooler and that it answers well within "
                        + "mirrored-supervisor.renew-interval. If the application's own connections go through a pooler, set "
                        + "mirrored-supervisor.datasource.url to the database itself.",
                cause);
    }
}
