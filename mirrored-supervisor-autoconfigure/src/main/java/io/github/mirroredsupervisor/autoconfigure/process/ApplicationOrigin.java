package io.github.mirroredsupervisor.autoconfigure.process;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.util.ClassUtils;

/** What tells an application without a name from others: the class that is its Spring Boot application. */
public final class ApplicationOrigin {

    private ApplicationOrigin() {}

    /** Null if it has no such class, as in some tests. */
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
