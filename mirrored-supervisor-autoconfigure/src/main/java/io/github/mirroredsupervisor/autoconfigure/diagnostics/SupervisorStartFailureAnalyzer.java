package io.github.mirroredsupervisor.autoconfigure.diagnostics;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Prints the description and the action of a {@link SupervisorStartException}. */
final class SupervisorStartFailureAnalyzer extends AbstractFailureAnalyzer<SupervisorStartException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, SupervisorStartException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), cause);
    }
}
