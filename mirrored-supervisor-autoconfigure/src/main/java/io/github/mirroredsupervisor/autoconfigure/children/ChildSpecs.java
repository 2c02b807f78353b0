package io.github.mirroredsupervisor.autoconfigure.children;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.InvalidChildSpecException;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.convert.DurationStyle;

/**
 * Reads a spec from a {@link MirroredChild} annotation, and checks specs that are beans. A static child's type is its
 * id.
 */
final class ChildSpecs {

    private ChildSpecs() {}

    static ChildSpec of(MirroredChild annotation, String beanName, Attributes attributes) {
        String id = attributes.text("value", annotation.value());
        ChildSpec spec = ChildSpec.of(id, id)
                .withKind(annotation.kind())
                .withRestart(annotation.restart())
                .withSignificant(annotation.significant())
                .withTakeover(annotation.takeover())
                .withOnOutage(annotation.onOutage());
        String restartDelay = attributes.text("restartDelay", annotation.restartDelay());
        if (!restartDelay.isBlank()) {
            spec = spec.withRestartDelay(duration("restartDelay", restartDelay, beanName));
        }
        String progressTimeout = attributes.text("progressTimeout", annotation.progressTimeout());
        if (!progressTimeout.isBlank()) {
            spec = spec.withProgressTimeout(duration("progressTimeout", progressTimeout, beanName));
        }
        String shutdown = attributes.text("shutdown", annotation.shutdown());
        if (!shutdown.isBlank()) {
            spec = spec.withShutdown(shutdown(shutdown.trim(), beanName));
        }
        return checked(spec, "@MirroredChild on bean '" + beanName + "'", "Correct the annotation.");
    }

    /**
     * Checks a spec that is a bean.
     *
     * @throws SupervisorStartException if it is malformed
     */
    static ChildSpec checked(ChildSpec spec, String beanName) {
        return checked(spec, "The ChildSpec of bean '" + beanName + "'", "Correct the spec.");
    }

    private static ChildSpec checked(ChildSpec spec, String what, String action) {
        try {
            ChildSpec.check(List.of(spec));
        } catch (InvalidChildSpecException ex) {
            throw new SupervisorStartException(Problem.INVALID_CHILD, what + ": " + ex.getMessage() + ".", action, ex);
        }
        return spec;
    }

    private static Shutdown shutdown(String text, String beanName) {
        return switch (text) {
            case "brutal" -> new Shutdown.Brutal();
            case "infinity" -> new Shutdown.Infinity();
            default -> new Shutdown.Timeout(duration("shutdown", text, beanName));
        };
    }

    private static Duration duration(String attribute, String text, String beanName) {
        try {
            return DurationStyle.detectAndParse(text.trim());
        } catch (IllegalArgumentException | ArithmeticException ex) {
            throw new SupervisorStartException(
                    Problem.INVALID_CHILD,
                    "@MirroredChild on bean '" + beanName + "': " + attribute + " \"" + text + "\" is not a duration.",
                    "Write it as 5s, 500ms or PT5S"
                            + ("shutdown".equals(attribute) ? ", or as brutal or infinity." : "."),
                    ex);
        }
    }
}
