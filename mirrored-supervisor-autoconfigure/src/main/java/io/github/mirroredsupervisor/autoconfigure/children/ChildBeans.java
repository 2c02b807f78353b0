package io.github.mirroredsupervisor.autoconfigure.children;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildProcess;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.internal.context.ChildFactory;
import java.lang.annotation.Annotation;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.Lifecycle;
import org.springframework.util.ClassUtils;

/**
 * Creates the process of a run from a bean. The bean is looked up when the run begins, so that a child can inject its
 * own supervisor. A prototype is destroyed when its run is over.
 */
public final class ChildBeans {

    private static final boolean CANDIDATES =
            ClassUtils.isPresent("org.springframework.integration.leader.Candidate", ChildBeans.class.getClassLoader());

    private final ConfigurableBeanFactory beans;

    private final BooleanSupplier contextIsClosing;

    private final OwnedLifecycles owned;

    private final ApplicationEventPublisher events;

    public ChildBeans(
            ConfigurableBeanFactory beans,
            BooleanSupplier contextIsClosing,
            OwnedLifecycles owned,
            ApplicationEventPublisher events) {
        this.beans = beans;
        this.contextIsClosing = contextIsClosing;
        this.owned = owned;
        this.events = events;
    }

    /**
     * Refuses a bean that cannot be run.
     *
     * @throws SupervisorStartException if its declared type is not supported
     */
    static void requireSupported(String beanName, @Nullable Class<?> type, Class<? extends Annotation> annotation) {
        if (type == null || !isSupported(type)) {
            throw new SupervisorStartException(
                    Problem.UNSUPPORTED_CHILD_BEAN,
                    "Bean '" + beanName + "' is annotated with @" + annotation.getSimpleName() + ", but its type "
                            + (type == null ? "is not known" : type.getName() + " cannot be run as a child") + ".",
                    "Let it implement io.github.mirroredsupervisor.ChildProcess, java.lang.Runnable or "
                            + "org.springframework.context.Lifecycle"
                            + (CANDIDATES ? " or org.springframework.integration.leader.Candidate" : "")
                            + ". If it is made by a @Bean method, declare that type as the method's return type.");
        }
    }

    private static boolean isSupported(Class<?> type) {
        return ChildProcess.class.isAssignableFrom(type)
                || Lifecycle.class.isAssignableFrom(type)
                || Runnable.class.isAssignableFrom(type)
                || (CANDIDATES && CandidateChild.supports(type));
    }

    /**
     * Whether each look-up creates a new instance. The factory cannot answer this for a singleton without a definition.
     */
    static boolean isPrototype(ConfigurableBeanFactory beans, String beanName) {
        return !beans.containsSingleton(beanName) && beans.isPrototype(beanName);
    }

    /**
     * Whether the bean is the factory's placeholder for a {@code @Bean} method that returned null. Only its equals
     * shows that.
     */
    static boolean isNull(Object bean) {
        return Objects.equals(bean, null);
    }

    public ChildFactory factory(String beanName) {
        RoleEvents.load();
        return () ->
                isPrototype(beans, beanName) ? new OneRun(this, beanName) : process(beanName, beans.getBean(beanName));
    }

    private ChildProcess process(String beanName, Object bean) {
        if (CANDIDATES && !(bean instanceof ChildProcess) && CandidateChild.supports(bean.getClass())) {
            return RoleEvents.around(CandidateChild.of(bean), CandidateChild.role(bean), events);
        }
        return RoleEvents.around(withoutRole(beanName, bean), null, events);
    }

    private ChildProcess withoutRole(String beanName, Object bean) {
        if (bean instanceof ChildProcess process) {
            return process;
        }
        if (bean instanceof Lifecycle lifecycle) {
            return new LifecycleChild(lifecycle, contextIsClosing, owned.of(beanName));
        }
        if (bean instanceof Runnable runnable) {
            return context -> runnable.run();
        }
        if (isNull(bean)) {
            throw new IllegalStateException("The method of bean '" + beanName + "' returned null");
        }
        throw new IllegalStateException(bean.getClass().getName() + " cannot be run as a child");
    }

    /** The process of a prototype instance, which lives from the init of one run to its end. */
    private static final class OneRun implements ChildProcess {

        private final ChildBeans owner;

        private final String beanName;

        private @Nullable Object bean;

        private @Nullable ChildProcess process;

        private OneRun(ChildBeans owner, String beanName) {
            this.owner = owner;
            this.beanName = beanName;
        }

        @Override
        public void init(ChildContext context) throws Exception {
            Object instance = owner.beans.getBean(beanName);
            bean = instance;
            boolean started = false;
            try {
                ChildProcess made = owner.process(beanName, instance);
                process = made;
                made.init(context);
                started = true;
            } finally {
                if (!started) {
                    destroy();
                }
            }
        }

        @Override
        public void run(ChildContext context) throws Exception {
            try {
                Objects.requireNonNull(process, "run without init").run(context);
            } finally {
                destroy();
            }
        }

        private void destroy() {
            if (bean != null) {
                owner.beans.destroyBean(beanName, bean);
            }
        }
    }
}
