package io.github.mirroredsupervisor.autoconfigure.process;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.util.ClassUtils;

/** Identifies an application without a name by its Spring Boot application class. */
public final class ApplicationOrigin {

    private ApplicationOrigin() {}

    /** The name of the class; null if there is none, as in some tests. */
    public static @Nullable String of(ConfigurableListableBeanFactory beans) {
        for (String name : beans.getBeanNamesForAnnotation(SpringBootConfiguration.class)) {
            Class<?> type = beans.getType(name, false);
            if (type != null) {
                return ClassUtils.getUserClass(type).getName();
            }
        }
        return null;
    }
}
