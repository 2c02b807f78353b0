package io.github.mirroredsupervisor.autoconfigure.children;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.MirroredChildType;
import io.github.mirroredsupervisor.autoconfigure.children.ChildDefinition.Source;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.autoconfigure.process.GroupNames;
import io.github.mirroredsupervisor.autoconfigure.process.SupervisorBeans;
import java.lang.annotation.Annotation;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.core.annotation.Order;
import org.springframework.util.ClassUtils;

/**
 * Finds the annotated beans, and the beans that are a {@link ChildSpec} or a collection of them. Annotations are found
 * on the class or the {@code @Bean} method, also behind proxies, without creating the bean.
 */
public final class ChildDiscovery {

    private static final ResolvableType SPECS = ResolvableType.forClassWithGenerics(Collection.class, ChildSpec.class);

    /** Scopes that exist only on a thread of a web server, where no run takes place. */
    private static final Set<String> WEB_SCOPES = Set.of("request", "session", "websocket");

    private final ConfigurableListableBeanFactory beans;

    private final GroupNames groups;

    public ChildDiscovery(ConfigurableListableBeanFactory beans, GroupNames groups) {
        this.beans = beans;
        this.groups = groups;
    }

    /**
     * All children and types.
     *
     * @throws SupervisorStartException if an annotation cannot be honoured
     */
    public List<ChildDefinition> discover() {
        refuseInParents();
        List<ChildDefinition> found = new ArrayList<>();
        for (Iterator<String> names = beans.getBeanNamesIterator(); names.hasNext(); ) {
            String name = names.next();
            if (isCandidate(beans, name)) {
                MirroredChild child = beans.findAnnotationOnBean(name, MirroredChild.class, false);
                if (child != null) {
                    refuseUnsuitable(name, MirroredChild.class);
                    found.add(child(child, name));
                }
                MirroredChildType type = beans.findAnnotationOnBean(name, MirroredChildType.class, false);
                if (type != null) {
                    refuseUnsuitable(name, MirroredChildType.class);
                    found.add(type(type, name));
                }
            }
        }
        for (String name : beans.getBeanNamesForType(ChildSpec.class, true, false)) {
            if (isCandidate(beans, name)) {
                found.add(spec(name, beans.getBean(name), 0));
            }
        }
        for (String name : beans.getBeanNamesForType(SPECS, true, false)) {
            if (isCandidate(beans, name)) {
                addAll(name, beans.getBean(name), found);
            }
        }
        return List.copyOf(found);
    }

    private void addAll(String name, Object specs, List<ChildDefinition> found) {
        if (!(specs instanceof Collection<?> collection)) {
            throw nothing(name);
        }
        int position = 0;
        for (Object spec : collection) {
            found.add(spec(name, spec, position));
            position++;
        }
    }

    private ChildDefinition spec(String beanName, @Nullable Object bean, int position) {
        if (!(bean instanceof ChildSpec spec)) {
            throw nothing(beanName);
        }
        Qualifier qualifier = beans.findAnnotationOnBean(beanName, Qualifier.class, false);
        String group = qualifier == null ? groups.primary() : qualifier.value();
        requireKnown(group, "@Qualifier", beanName);
        Order order = beans.findAnnotationOnBean(beanName, Order.class, false);
        ChildSpec checked = ChildSpecs.checked(spec, beanName);
        return new ChildDefinition(
                Source.SPEC, group, checked.type(), beanName, order == null ? 0 : order.value(), position, checked);
    }

    private static SupervisorStartException nothing(String beanName) {
        return new SupervisorStartException(
                Problem.INVALID_CHILD,
                "Bean '" + beanName + "' is to declare children, but it is or contains null.",
                "Return a ChildSpec or a collection of them, which may be empty; or leave the bean out with a"
                        + " condition such as @ConditionalOnProperty.");
    }

    /** Of a scoped proxy and its target, only the target counts: it has the annotation and lives for one run. */
    private static boolean isCandidate(ConfigurableListableBeanFactory beans, String name) {
        return !beans.containsBeanDefinition(ScopedProxyUtils.getTargetBeanName(name))
                && !(beans.containsBeanDefinition(name)
                        && beans.getBeanDefinition(name).isAbstract());
    }

    private void refuseUnsuitable(String name, Class<? extends Annotation> annotation) {
        Class<?> type = beans.getType(name, false);
        ChildBeans.requireSupported(name, type, annotation);
        if (type == null) {
            return;
        }
        String scope = beans.containsBeanDefinition(name)
                ? beans.getMergedBeanDefinition(name).getScope()
                : null;
        if (scope != null && WEB_SCOPES.contains(scope)) {
            throw unsuitable(
                    name,
                    annotation,
                    "its scope is '" + scope + "', which does not exist where a child runs",
                    "Make it a singleton, or a prototype if each run is to have an object of its own.");
        }
        refuseInherited(name, ClassUtils.getUserClass(type), annotation);
        if (annotation == MirroredChildType.class && FlowParts.isFlow(type)) {
            throw unsuitable(
                    name,
                    annotation,
                    "a flow of Spring Integration is a singleton and cannot be made anew for each run",
                    "Annotate it with @MirroredChild, or let a ChildProcess register flows with the"
                            + " IntegrationFlowContext.");
        }
        SelfStarting.refuseMethods(name, type, annotation, ChildBeans.isPrototype(beans, name));
    }

    /** Refuses an annotation that an abstract class passes on: all beans of its subclasses would be the same child. */
    private static void refuseInherited(String name, Class<?> type, Class<? extends Annotation> annotation) {
        Object source = MergedAnnotations.from(type, SearchStrategy.TYPE_HIERARCHY)
                .get(annotation)
                .getSource();
        if (source instanceof Class<?> declaring
                && declaring != type
                && Modifier.isAbstract(declaring.getModifiers())) {
            throw unsuitable(
                    name,
                    annotation,
                    "it inherits that from " + declaring.getName()
                            + ", which is abstract: every class below it would be the same child",
                    "Annotate the class of the bean itself.");
        }
    }

    private static SupervisorStartException unsuitable(
            String name, Class<? extends Annotation> annotation, String why, String action) {
        return new SupervisorStartException(
                Problem.UNSUPPORTED_CHILD_BEAN,
                "Bean '" + name + "' is annotated with @" + annotation.getSimpleName() + ", but " + why + ".",
                action);
    }

    /**
     * A parent context with its own supervisor runs its children itself. The children of a parent without one would
     * never run.
     */
    private void refuseInParents() {
        for (BeanFactory parent = beans.getParentBeanFactory();
                parent instanceof ConfigurableListableBeanFactory factory && !hasSupervisor(factory);
                parent = factory.getParentBeanFactory()) {
            refuseAnnotated(
                    factory,
                    "is in a parent of the context that has the supervisor",
                    "Declare it in the context that has the supervisor, or let the auto-configuration apply to the"
                            + " parent.");
        }
    }

    /**
     * Refuses a context whose children no supervisor would run.
     *
     * @throws SupervisorStartException if it declares one
     */
    static void refuseAnnotated(ConfigurableListableBeanFactory factory, String where, String action) {
        for (Iterator<String> names = factory.getBeanNamesIterator(); names.hasNext(); ) {
            String name = names.next();
            if (isCandidate(factory, name)
                    && (factory.findAnnotationOnBean(name, MirroredChild.class, false) != null
                            || factory.findAnnotationOnBean(name, MirroredChildType.class, false) != null)) {
                throw new SupervisorStartException(
                        Problem.UNSUPPORTED_CHILD_BEAN,
                        "Bean '" + name + "' is annotated with @MirroredChild or @MirroredChildType, but it " + where
                                + ", which does not see it: it would never run.",
                        action);
            }
        }
    }

    static boolean hasSupervisor(ConfigurableListableBeanFactory factory) {
        return factory.containsLocalBean(SupervisorBeans.PEER);
    }

    private ChildDefinition child(MirroredChild annotation, String beanName) {
        Attributes attributes = new Attributes(beans, MirroredChild.class, beanName);
        String named = attributes.text("group", annotation.group());
        String group = named.isEmpty() ? groups.primary() : named;
        requireKnown(group, "@MirroredChild", beanName);
        ChildSpec spec = ChildSpecs.of(annotation, beanName, attributes);
        int order = annotation.orderString().isEmpty()
                ? annotation.order()
                : attributes.number("orderString", annotation.orderString());
        return new ChildDefinition(Source.CHILD, group, spec.id(), beanName, order, 0, spec);
    }

    private ChildDefinition type(MirroredChildType annotation, String beanName) {
        Attributes attributes = new Attributes(beans, MirroredChildType.class, beanName);
        String named = attributes.text("group", annotation.group());
        String group = named.isEmpty() ? null : named;
        requireKnown(group, "@MirroredChildType", beanName);
        String name = attributes.text("value", annotation.value());
        if (name.isBlank()) {
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
        return new ChildDefinition(Source.TYPE, group, name, beanName, 0, 0, null);
    }

    private void requireKnown(@Nullable String group, String by, String beanName) {
        if (group != null && !groups.all().contains(group)) {
            throw new SupervisorStartException(
                    Problem.UNKNOWN_GROUP,
                    by + " on bean '" + beanName + "' names the group '" + group
                            + "', which the application does not have. Its groups are: "
                            + String.join(", ", groups.all())
                            + ".",
                    "Correct the name, leave it out for the default group '" + groups.primary()
                            + "', or declare the group under mirrored-supervisor.groups, for example with "
                            + "mirrored-supervisor.groups." + group + ".intensity=1.");
        }
    }
}
