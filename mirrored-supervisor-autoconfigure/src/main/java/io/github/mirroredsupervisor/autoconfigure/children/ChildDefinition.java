package io.github.mirroredsupervisor.autoconfigure.children;

import io.github.mirroredsupervisor.ChildSpec;
import org.jspecify.annotations.Nullable;

/**
 * A declaration by a bean: a child, a type, or a child of a type by a {@link ChildSpec}.
 *
 * @param source the kind of declaration
 * @param group the group that it belongs to; null means every group
 * @param type the name by which specs refer to the bean; for a spec, the type that it names
 * @param beanName the bean
 * @param order its declared place; not used for a type
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

    /** The kinds of declarations. */
    enum Source {
        CHILD,
        TYPE,
        SPEC
    }

    boolean belongsTo(String name) {
        return group == null || group.equals(name);
    }

    /** Whether the bean itself runs as a child. */
    boolean isRunnable() {
        return source != Source.SPEC;
    }

    /** For messages. */
    String description() {
        return "bean '" + beanName + "' by "
                + switch (source) {
                    case CHILD -> "@MirroredChild";
                    case TYPE -> "@MirroredChildType";
                    case SPEC -> "a ChildSpec";
                };
    }
}
