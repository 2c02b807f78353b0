package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredChildType;
import io.github.mirroredsupervisor.autoconfigure.SupervisorStartException.Problem;
import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Finds the annotated beans by their definitions: on the class or on the {@code @Bean} method, behind proxies too, and without creating
 * one of them.
 */
final class ChildDiscovery {

    private final ConfigurableListableBeanFactory beans;

    private final GroupNames groups;

    ChildDiscovery(ConfigurableListableBeanFactory beans, GroupNames groups) {
        this.beans = beans;
        this.groups = groups;
    }

    /**
     * All children and types.
     *
     * @throws SupervisorStartException if an annotation cannot be honoured
     */
    List<ChildDefinition> discover() {
        List<ChildDefinition> found = new ArrayList<>();
        for (Iterator<String> names = beans.getBeanNamesIterator(); names.hasNext(); ) {
            String name = names.next();
            if (isCandidate(name)) {
                add(name, MirroredChild.class, this::child, found);
                add(name, MirroredChildType.class, this::type, found);
            }
        }
        return List.copyOf(found);
    }

    /** Of a scoped proxy and its target, the target is the one that carries the annotation and lives for a run. */
    private boolean isCandidate(String name) {
        return !beans.containsBeanDefinition(ScopedProxyUtils.getTargetBeanName(name))
                && !(beans.containsBeanDefinition(name)
                        && beans.getBeanDefinition(name).isAbstract());
    }

    private <A extends Annotation> void add(
            String name,
            Class<A> annotation,
            BiFunction<A, String, ChildDefinition> reader,
            List<ChildDefinition> found) {
        A present = beans.findAnnotationOnBean(name, annotation, false);
        if (present != null) {
            ChildBeans.requireSupported(name, beans.getType(name, false), annotation);
            found.add(reader.apply(present, name));
        }
    }

    private ChildDefinition child(MirroredChild annotation, String beanName) {
        String group = annotation.group().isEmpty() ? groups.primary() : annotation.group();
        requireKnown(group, MirroredChild.class, beanName);
        return new ChildDefinition(
                group, annotation.value(), beanName, annotation.order(), ChildSpecs.of(annotation, beanName));
    }

    private ChildDefinition type(MirroredChildType annotation, String beanName) {
        String group = annotation.group().isEmpty() ? null : annotation.group();
        requireKnown(group, MirroredChildType.class, beanName);
        if (annotation.value().isBlank()) {
            throw new SupervisorStartException(
                    Problem.INVALID_CHILD,
                    "@MirroredChildType on bean '" + beanName + "' has no name.",
                    "Name the type: specs refer to it by that name.");
        }
        if (!ChildBeans.isPrototype(beans, beanName)) {
            throw new SupervisorStartException(
                    Problem.UNSUPPORTED_CHILD_BEAN,
                    "Bean '" + beanName
                            + "' is annotated with @MirroredChildType but is not a prototype: every run of every child "
                            + "would share one object.",
                    "Remove the @Scope annotation from the bean or set it to prototype.");
        }
        return new ChildDefinition(group, annotation.value(), beanName, 0, null);
    }

    private void requireKnown(@Nullable String group, Class<? extends Annotation> annotation, String beanName) {
        if (group != null && !groups.all().contains(group)) {
            throw new SupervisorStartException(
                    Problem.UNKNOWN_GROUP,
                    "@" + annotation.getSimpleName() + " on bean '" + beanName + "' names the group '" + group
                            + "', which the application does not have. Its groups are: "
                            + String.join(", ", groups.all())
                            + ".",
                    "Correct the name, leave it out for the default group '" + groups.primary()
                            + "', or declare the group under mirrored-supervisor.groups, for example with "
                            + "mirrored-supervisor.groups." + group + ".intensity=1.");
        }
    }
}
