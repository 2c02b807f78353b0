package io.github.mirroredsupervisor.autoconfigure.process;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * The names of the application's groups, available before any bean exists.
 *
 * @param primary the default group
 * @param all every group, the default one first
 * @param isNamed whether the default group or the application has a configured name
 */
public record GroupNames(String primary, Set<String> all, boolean isNamed) {

    public static final String LAST_RESORT = "default";

    public static GroupNames of(Environment environment) {
        Binder binder = Binder.get(environment);
        String configured =
                binder.bind("mirrored-supervisor.group", String.class).orElse("");
        String application = environment.getProperty("spring.application.name");
        String primary = StringUtils.hasText(configured)
                ? configured
                : StringUtils.hasText(application) ? application : LAST_RESORT;
        Set<String> all = new LinkedHashSet<>();
        all.add(primary);
        binder.bind("mirrored-supervisor.groups", Bindable.mapOf(String.class, Object.class))
                .ifBound((Map<String, Object> groups) -> all.addAll(groups.keySet()));
        return new GroupNames(primary, all, StringUtils.hasText(configured) || StringUtils.hasText(application));
    }
}
