package io.github.mirroredsupervisor.autoconfigure.children;

import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.Lifecycle;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Refuses parts of a child that Spring starts on every instance and that a supervisor does not see: annotated methods,
 * and containers that are injected into the child.
 */
final class SelfStarting {

    private static final Logger log = LoggerFactory.getLogger(SelfStarting.class);

    private static final String SCHEDULED = "org.springframework.scheduling.annotation.Scheduled";

    private static final List<String> LISTENERS = List.of(
            "org.springframework.kafka.annotation.KafkaListener",
            "org.springframework.amqp.rabbit.annotation.RabbitListener",
            "org.springframework.jms.annotation.JmsListener",
            "org.springframework.pulsar.annotation.PulsarListener",
            "org.springframework.pulsar.annotation.ReactivePulsarListener",
            "org.springframework.integration.annotation.InboundChannelAdapter",
            "io.awspring.cloud.sqs.annotation.SqsListener");

    /** Types of beans that receive messages from outside. */
    private static final Set<String> SOURCES = Set.of(
            "org.springframework.integration.endpoint.MessageProducerSupport",
            "org.springframework.integration.endpoint.SourcePollingChannelAdapter",
            "org.springframework.kafka.listener.MessageListenerContainer",
            "org.springframework.amqp.rabbit.listener.MessageListenerContainer",
            "org.springframework.jms.listener.MessageListenerContainer",
            "org.springframework.pulsar.listener.PulsarMessageListenerContainer",
            "org.springframework.data.mongodb.core.messaging.MessageListenerContainer",
            "io.awspring.cloud.sqs.listener.MessageListenerContainer");

    private SelfStarting() {}

    /**
     * Refuses methods that Spring calls by itself.
     *
     * @param prototype whether each run has its own object, whose scheduled methods end with the run
     * @throws SupervisorStartException if there is one
     */
    static void refuseMethods(
            String beanName, Class<?> type, Class<? extends Annotation> annotation, boolean prototype) {
        Class<?> declared = ClassUtils.getUserClass(type);
        refuseListener(beanName, declared, "it", annotation);
        for (Method method : methods(declared)) {
            String name = "its method " + method.getName() + "()";
            refuseListener(beanName, method, name, annotation);
            if (!prototype && annotations(method).isPresent(SCHEDULED)) {
                throw refusal(
                        beanName,
                        annotation,
                        name,
                        "Scheduled",
                        "Let the child do in run() what the method does, with context.sleep() in between, or move the"
                                + " method to a bean that is no child.");
            }
        }
    }

    private static Method[] methods(Class<?> type) {
        try {
            return ReflectionUtils.getUniqueDeclaredMethods(type);
        } catch (LinkageError ex) {
            log.debug("The methods of {} cannot be read", type, ex);
            return new Method[0];
        }
    }

    private static MergedAnnotations annotations(AnnotatedElement element) {
        return MergedAnnotations.from(element, SearchStrategy.TYPE_HIERARCHY);
    }

    private static void refuseListener(
            String beanName, AnnotatedElement element, String what, Class<? extends Annotation> annotation) {
        MergedAnnotations present = annotations(element);
        for (String listener : LISTENERS) {
            MergedAnnotation<Annotation> found = present.get(listener);
            if (found.isPresent()
                    && !"false"
                            .equals(found.getValue("autoStartup")
                                    .map(String::valueOf)
                                    .orElse(""))) {
                throw refusal(
                        beanName,
                        annotation,
                        what,
                        ClassUtils.getShortName(listener),
                        "Give the listener an id and autoStartup = \"false\", and let the child start and stop its"
                                + " container, which the registry of the endpoints finds by that id; or move the listener"
                                + " to a bean that is no child.");
            }
        }
    }

    private static SupervisorStartException refusal(
            String beanName, Class<? extends Annotation> annotation, String what, String own, String action) {
        return new SupervisorStartException(
                Problem.UNSUPPORTED_CHILD_BEAN,
                "Bean '" + beanName + "' is annotated with @" + annotation.getSimpleName() + ", but " + what
                        + " is annotated with @" + own
                        + ", which works on every instance of the application and not only where the child runs.",
                action);
    }

    /**
     * Refuses a child into which a container or an endpoint is injected that the context starts: only the child may
     * start and stop it.
     *
     * @throws SupervisorStartException if there is one
     */
    static void refuseDependencies(ConfigurableListableBeanFactory beans, String beanName) {
        for (String dependency : beans.getDependenciesForBean(beanName)) {
            if (!beans.containsSingleton(dependency)
                    || !(beans.getBean(dependency) instanceof SmartLifecycle given)
                    || !given.isAutoStartup()
                    || beans.findAnnotationOnBean(dependency, MirroredChild.class, false) != null) {
                continue;
            }
            if (isSource(given.getClass())) {
                throw new SupervisorStartException(
                        Problem.UNSUPPORTED_CHILD_BEAN,
                        "Bean '" + beanName + "' is annotated with @MirroredChild and is given '" + dependency
                                + "', which takes messages and is started by the context on every instance of the"
                                + " application.",
                        "If the child starts and stops '" + dependency
                                + "', set its autoStartup to false. If it does not, inject an ObjectProvider instead.");
            }
            if (beans.getBean(beanName) instanceof Lifecycle && !isOfAFramework(given.getClass())) {
                log.warn(
                        "Child bean '{}' depends on '{}', which the context starts on every instance. If the child is"
                                + " to start and stop it, let its isAutoStartup() return false",
                        beanName,
                        dependency);
            }
        }
    }

    private static boolean isOfAFramework(Class<?> type) {
        String name = ClassUtils.getUserClass(type).getName();
        return name.startsWith("org.springframework.") || name.startsWith("io.github.mirroredsupervisor.");
    }

    private static boolean isSource(Class<?> type) {
        Set<Class<?>> types = new HashSet<>(ClassUtils.getAllInterfacesForClassAsSet(type));
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            types.add(each);
        }
        return types.stream().map(Class::getName).anyMatch(SOURCES::contains);
    }
}
