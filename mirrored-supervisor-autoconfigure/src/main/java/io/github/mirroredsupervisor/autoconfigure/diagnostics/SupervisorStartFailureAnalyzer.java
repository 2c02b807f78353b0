package io.github.mirroredsupervisor.autoconfigure.diagnostics;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Prints what a {@link SupervisorStartException} knows. */
final class SupervisorStartFailureAnalyzer extends AbstractFailureAnalyzer<SupervisorStartException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, SupervisorStartException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), cause);
    }
}
