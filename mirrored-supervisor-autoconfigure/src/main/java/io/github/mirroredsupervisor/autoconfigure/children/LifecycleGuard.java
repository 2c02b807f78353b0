package io.github.mirroredsupervisor.autoconfigure.children;

import io.github.mirroredsupervisor.autoconfigure.children.OwnedLifecycles.Ownership;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.internal.platform.Failures;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.BeanWrapper;
import org.springframework.beans.BeanWrapperImpl;
import org.springframework.beans.BeansException;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.Lifecycle;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ApplicationContextEvent;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.ContextStartedEvent;
import org.springframework.context.event.SmartApplicationListener;

/**
 * Ensures that a {@link Lifecycle} that is a declared child runs only where it is owned. The context would start such
 * beans and their parts on every instance, so their autoStartup is switched off. If anything else starts one, the start
 * of the application fails; after that start, the bean is stopped.
 */
public final class LifecycleGuard implements SmartInitializingSingleton, SmartLifecycle, SmartApplicationListener {

    private static final Logger log = LoggerFactory.getLogger(LifecycleGuard.class);

    private static final String AUTO_STARTUP = "autoStartup";

    private final ConfigurableListableBeanFactory beans;

    private final ApplicationContext context;

    private final ChildRegistry children;

    private final OwnedLifecycles owned;

    private volatile boolean running;

    /** Whether the application has started once. From then on {@link #check} stops beans and does not throw. */
    private volatile boolean started;

    public LifecycleGuard(
            ConfigurableListableBeanFactory beans,
            ApplicationContext context,
            ChildRegistry children,
            OwnedLifecycles owned) {
        this.beans = beans;
        this.context = context;
        this.children = children;
        this.owned = owned;
    }

    @Override
    public void afterSingletonsInstantiated() {
        children.staticBeanNames().forEach(this::refuseNothing);
        children.staticBeanNames().forEach(this::takeOver);
        takeOverRoles();
    }

    private void refuseNothing(String name) {
        if (beans.containsSingleton(name) && ChildBeans.isNull(beans.getBean(name))) {
            throw new SupervisorStartException(
                    Problem.UNSUPPORTED_CHILD_BEAN,
                    "Bean '" + name + "' is annotated with @MirroredChild, but its method returned null.",
                    "Let the method return the child. If there is nothing to run, leave the bean out with a condition"
                            + " such as @ConditionalOnProperty.");
        }
    }

    /** Runs before every other lifecycle bean: all beans that the context is about to start exist by now. */
    @Override
    public void start() {
        for (String name : children.staticBeanNames()) {
            takeOver(name);
            parts(name).forEach((part, partName) -> refuseIfAutomatic(name, part, partName));
            if (beans.containsSingleton(name)) {
                SelfStarting.refuseDependencies(beans, name);
            }
        }
        takeOverRoles();
        running = true;
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return Integer.MIN_VALUE;
    }

    /**
     * Checks that no part of a child runs that its supervisor has not started.
     *
     * @throws SupervisorStartException if such a part runs and the application has not started yet
     */
    public void check() {
        for (String name : children.staticBeanNames()) {
            Ownership ownership = owned.of(name);
            int changes = ownership.changes();
            List<String> astray = new ArrayList<>();
            parts(name).forEach((part, partName) -> {
                if (part.isRunning() && !astray.contains(partName)) {
                    astray.add(partName);
                }
            });
            if (!astray.isEmpty() && !ownership.isOwned() && ownership.changes() == changes) {
                if (!started) {
                    throw runsWithoutOwner(name, astray);
                }
                stop(name, astray);
            }
        }
    }

    private void stop(String name, List<String> astray) {
        log.error(
                "Child bean '{}' is stopped: something other than its supervisor started {}. Only its supervisor may"
                        + " start it",
                name,
                astray);
        parts(name).keySet().stream().filter(Lifecycle::isRunning).forEach(LifecycleGuard::stop);
    }

    private static void stop(Lifecycle part) {
        try {
            part.stop();
        } catch (RuntimeException ex) {
            log.error("{} did not stop", part, Failures.printable(ex));
        }
    }

    private void takeOver(String name) {
        int changed = 0;
        for (Lifecycle part : parts(name).keySet()) {
            if (part instanceof SmartLifecycle smart && smart.isAutoStartup() && keepFromStarting(smart)) {
                changed++;
            }
        }
        if (changed > 0) {
            log.info(
                    "Child bean '{}': autoStartup was switched off for it and its parts ({}), as its supervisor starts"
                            + " it where it is owned",
                    name,
                    changed);
        }
    }

    private void takeOverRoles() {
        RoleEvents.automatic(beans, children.staticIds()).forEach((name, endpoint) -> {
            if (keepFromStarting(endpoint)) {
                log.info(
                        "Endpoint '{}' starts and stops with the child that its role names: its autoStartup was"
                                + " switched off",
                        name);
            }
        });
    }

    /**
     * Uses the setter for autoStartup, which all of Spring's containers and endpoints have, and many application beans.
     */
    private static boolean keepFromStarting(SmartLifecycle part) {
        Object target = AopProxyUtils.getSingletonTarget(part);
        BeanWrapper wrapper = new BeanWrapperImpl(target == null ? part : target);
        if (!wrapper.isWritableProperty(AUTO_STARTUP)) {
            return false;
        }
        try {
            wrapper.setPropertyValue(AUTO_STARTUP, false);
        } catch (BeansException ex) {
            log.debug("autoStartup of {} cannot be set", part, ex);
        }
        return !part.isAutoStartup();
    }

    /**
     * The parts of a child that can be started separately, with their names. Empty for prototypes and for beans that do
     * not exist yet.
     */
    private IdentityHashMap<Lifecycle, String> parts(String name) {
        IdentityHashMap<Lifecycle, String> parts = new IdentityHashMap<>();
        if (beans.containsSingleton(name)) {
            collect(name, beans.getBean(name), parts);
            if (beans.isFactoryBean(name)) {
                collect(name, beans.getBean(BeanFactory.FACTORY_BEAN_PREFIX + name), parts);
            }
        }
        return parts;
    }

    private void collect(String name, Object bean, IdentityHashMap<Lifecycle, String> parts) {
        if (bean instanceof Lifecycle lifecycle) {
            parts.put(lifecycle, name);
        }
        if (FlowParts.isFlow(bean)) {
            FlowParts.collect(bean, beans, parts);
        }
    }

    private static void refuseIfAutomatic(String name, Lifecycle part, String partName) {
        if (part instanceof SmartLifecycle smart && smart.isAutoStartup()) {
            throw new SupervisorStartException(
                    Problem.UNSUPPORTED_CHILD_BEAN,
                    "Bean '" + name + "' is annotated with @MirroredChild, but the context starts "
                            + (partName.equals(name) ? "it" : "its part '" + partName + "'")
                            + " on every instance of the application because isAutoStartup() is true.",
                    "Call setAutoStartup(false) on it, or let isAutoStartup() return false: its supervisor starts it"
                            + " where it is owned. A registry of listener containers cannot be a child: set autoStartup to"
                            + " \"false\" on the listeners, and declare a child that starts and stops their containers.");
        }
    }

    private static SupervisorStartException runsWithoutOwner(String name, List<String> astray) {
        return new SupervisorStartException(
                Problem.UNSUPPORTED_CHILD_BEAN,
                "Bean '" + name + "' is annotated with @MirroredChild, but " + String.join(", ", quoted(astray))
                        + " runs already although its supervisor has not started it: something else starts it on every"
                        + " instance of the application.",
                "Let nothing but the supervisor start it. Look for a bean that calls its start(), for a bean that"
                        + " depends on it and is started by the context, or for parts of it that are started by"
                        + " themselves.");
    }

    private static List<String> quoted(List<String> names) {
        return names.stream().distinct().sorted().map(name -> "'" + name + "'").toList();
    }

    @Override
    public boolean supportsEventType(Class<? extends ApplicationEvent> type) {
        return ContextRefreshedEvent.class.isAssignableFrom(type)
                || ContextStartedEvent.class.isAssignableFrom(type)
                || ApplicationReadyEvent.class.isAssignableFrom(type);
    }

    @Override
    public void onApplicationEvent(ApplicationEvent event) {
        if (event instanceof ApplicationReadyEvent ready && ready.getApplicationContext() == context) {
            check(); // the application's runners have run by now
            started = true;
        } else if (event instanceof ApplicationContextEvent own && own.getApplicationContext() == context) {
            started = started || event instanceof ContextStartedEvent;
            check();
        } else if (event instanceof ContextRefreshedEvent other
                && other.getApplicationContext() instanceof ConfigurableApplicationContext child
                && !ChildDiscovery.hasSupervisor(child.getBeanFactory())) {
            ChildDiscovery.refuseAnnotated(
                    child.getBeanFactory(),
                    "is in a child of the context that has the supervisor",
                    "Declare it in the context that has the supervisor, or let the auto-configuration apply to the"
                            + " child.");
        }
    }
}
