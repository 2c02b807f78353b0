package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.InvalidChildSpecException;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.autoconfigure.SupervisorStartException.Problem;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.convert.DurationStyle;

/** Reads a spec from a {@link MirroredChild} annotation. A static child's type is its id. */
final class ChildSpecs {

    private ChildSpecs() {}

    static ChildSpec of(MirroredChild annotation, String beanName) {
        ChildSpec spec = ChildSpec.of(annotation.value(), annotation.value())
                .withKind(annotation.kind())
                .withRestart(annotation.restart())
                .withSignificant(annotation.significant())
                .withTakeover(annotation.takeover())
                .withOnOutage(annotation.onOutage());
        if (!annotation.restartDelay().isBlank()) {
            spec = spec.withRestartDelay(duration("restartDelay", annotation.restartDelay(), beanName));
        }
        if (!annotation.progressTimeout().isBlank()) {
            spec = spec.withProgressTimeout(duration("progressTimeout", annotation.progressTimeout(), beanName));
        }
        if (!annotation.shutdown().isBlank()) {
            spec = spec.withShutdown(shutdown(annotation.shutdown().trim(), beanName));
        }
        try {
            ChildSpec.check(List.of(spec));
        } catch (InvalidChildSpecException ex) {
            throw invalid(beanName, ex.getMessage() + ".", "Correct the annotation.", ex);
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
            throw invalid(
                    beanName,
                    attribute + " \"" + text + "\" is not a duration.",
                    "Write it as 5s, 500ms or PT5S"
                            + ("shutdown".equals(attribute) ? ", or as brutal or infinity." : "."),
                    ex);
        }
    }

    private static SupervisorStartException invalid(String beanName, String what, String action, Exception cause) {
        return new SupervisorStartException(
                Problem.INVALID_CHILD, "@MirroredChild on bean '" + beanName + "': " + what, action, cause);
    }
}
