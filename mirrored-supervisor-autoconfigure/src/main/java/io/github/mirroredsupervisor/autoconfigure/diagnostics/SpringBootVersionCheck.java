package io.github.mirroredsupervisor.autoconfigure.diagnostics;

import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootVersion;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;

/**
 * Refuses Spring Boot before 4, where this library resolves but cannot run: modules of both generations are on the
 * class path then, and what fails first is a bean that they both define.
 *
 * <p>It runs before any bean is defined, and uses nothing that the older generation does not have, too.
 */
final class SpringBootVersionCheck implements ApplicationContextInitializer<ConfigurableApplicationContext>, Ordered {

    private static final int OLDEST = 4;

    private static final Pattern MAJOR = Pattern.compile("(\\d{1,4})\\..*");

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        require(SpringBootVersion.getVersion());
    }

    /** A version that cannot be read is let in. */
    static void require(@Nullable String version) {
        Matcher matcher = MAJOR.matcher(version == null ? "" : version);
        if (matcher.matches() && Integer.parseInt(matcher.group(1)) < OLDEST) {
            throw new SupervisorStartException(
                    Problem.UNSUITABLE_SPRING_BOOT,
                    "The mirrored supervisor needs Spring Boot 4, and this application runs on Spring Boot " + version
                            + ".",
                    "Upgrade the application to Spring Boot 4.0 or later, or remove mirrored-supervisor-spring-boot-starter from it. "
                            + "Switching it off by mirrored-supervisor.enabled=false does not help, since it brings modules of Spring Boot 4.");
        }
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }
}
