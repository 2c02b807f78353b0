package io.github.mirroredsupervisor.autoconfigure.diagnostics;

import io.github.mirroredsupervisor.ChildStartException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** A declared child did not start, and the application is configured not to start without it. */
final class ChildStartFailureAnalyzer extends AbstractFailureAnalyzer<ChildStartException> {

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, ChildStartException cause) {
        String child = cause.childId() == null ? "A declared child" : "Child '" + cause.childId() + "'";
        return new FailureAnalysis(
                child + " of the group '" + cause.group() + "' kept the application from starting: "
                        + cause.getMessage(),
                "Look for what its init() threw, or set mirrored-supervisor.on-start-failure=retry (for a group of its"
                        + " own: mirrored-supervisor.groups." + cause.group()
                        + ".on-start-failure), with which the application starts and the child is tried again.",
                cause);
    }
}
