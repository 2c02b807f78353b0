package io.github.mirroredsupervisor.autoconfigure.children;

import io.github.mirroredsupervisor.ChildSpec;
import org.jspecify.annotations.Nullable;

/**
 * What one bean declares: a child, a type, or a child of a type by a {@link ChildSpec}.
 *
 * @param source what declares it
 * @param group the group that knows it, null for every group
 * @param type the name under which specs find the bean; of a spec, the name that it refers to
 * @param beanName the bean
 * @param order its declared place, of no meaning for a type
 * @param position its place among the specs of one bean
 * @param spec the declared child's spec; null for a type
 */
record ChildDefinition(
        Source source,
        @Nullable String group,
        String type,
        String beanName,
        int order,
        int position,
        @Nullable ChildSpec spec) {

    /** What declares something. */
    enum Source {
        CHILD,
        TYPE,
        SPEC
    }

    boolean belongsTo(String name) {
        return group == null || group.equals(name);
    }

    /** Whether the bean is what runs. */
    boolean isRunnable() {
        return source != Source.SPEC;
    }

    /** For people. */
    String description() {
        return "bean '" + beanName + "' by "
                + switch (source) {
                    case CHILD -> "@MirroredChild";
                    case TYPE -> "@MirroredChildType";
                    case SPEC -> "a ChildSpec";
                };
    }
}
