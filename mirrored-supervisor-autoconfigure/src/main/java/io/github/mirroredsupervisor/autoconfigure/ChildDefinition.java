package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.ChildSpec;
import org.jspecify.annotations.Nullable;

/**
 * One annotation on one bean.
 *
 * @param group the group that knows it, null for every group
 * @param type the name under which specs find it
 * @param beanName the bean
 * @param order its declared place, of no meaning for a type
 * @param spec the static child's spec; null for a type
 */
record ChildDefinition(
        @Nullable String group,
        String type,
        String beanName,
        int order,
        @Nullable ChildSpec spec) {

    boolean belongsTo(String name) {
        return group == null || group.equals(name);
    }
}
