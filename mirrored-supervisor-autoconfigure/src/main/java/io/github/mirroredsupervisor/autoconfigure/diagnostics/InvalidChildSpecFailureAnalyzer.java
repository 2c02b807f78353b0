package io.github.mirroredsupervisor.autoconfigure.diagnostics;

import io.github.mirroredsupervisor.InvalidChildSpecException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** A declaration, or a call during the start of the application, contained an invalid spec. */
final class InvalidChildSpecFailureAnalyzer extends AbstractFailureAnalyzer<InvalidChildSpecException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, InvalidChildSpecException cause) {
        return new FailureAnalysis(
                "A child spec is not valid: " + cause.getMessage(),
                "Correct the ChildSpec of that id. Arguments are data that JSON can carry: texts, numbers, booleans,"
                        + " lists, maps and records of such.",
                cause);
    }
}
