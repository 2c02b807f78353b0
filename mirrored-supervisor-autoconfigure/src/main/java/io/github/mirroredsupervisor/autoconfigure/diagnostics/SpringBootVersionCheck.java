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
 * Refuses Spring Boot before 4. The build resolves there, but modules of both generations are then on the class path,
 * and the start fails with an unrelated message about a bean that both define.
 *
 * <p>It runs before any bean is defined, and uses only what the older generation also has.
 */
final class SpringBootVersionCheck implements ApplicationContextInitializer<ConfigurableApplicationContext>, Ordered {

    private static final int OLDEST = 4;

    private static final Pattern MAJOR = Pattern.compile("(\\d{1,4})\\..*");

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        require(SpringBootVersion.getVersion());
    }

    /** Accepts a version that cannot be read. */
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
