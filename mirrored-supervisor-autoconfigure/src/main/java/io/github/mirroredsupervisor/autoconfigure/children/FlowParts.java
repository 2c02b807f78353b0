package io.github.mirroredsupervisor.autoconfigure.children;

import java.util.IdentityHashMap;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.Lifecycle;
import org.springframework.integration.dsl.IntegrationFlow;
import org.springframework.util.ClassUtils;

/**
 * The parts of a Spring Integration flow. The context does not start the flow, but it starts the flow's endpoints,
 * which are separate beans. Spring Integration may be absent: call {@link #isFlow} first.
 */
final class FlowParts {

    private static final boolean FLOWS = ClassUtils.isPresent(
            "org.springframework.integration.dsl.IntegrationFlow", FlowParts.class.getClassLoader());

    private FlowParts() {}

    static boolean isFlow(Object bean) {
        return FLOWS && Flows.isFlow(bean);
    }

    static boolean isFlow(Class<?> type) {
        return FLOWS && Flows.isFlow(type);
    }

    /** Adds the parts with a life cycle, including those of nested flows. */
    static void collect(Object flow, ConfigurableListableBeanFactory beans, IdentityHashMap<Lifecycle, String> parts) {
        Flows.collect((IntegrationFlow) flow, beans, parts);
    }

    /** A separate class, so that it is loaded only if Spring Integration is present. */
    private static final class Flows {

        static boolean isFlow(Object bean) {
            return bean instanceof IntegrationFlow;
        }

        static boolean isFlow(Class<?> type) {
            return IntegrationFlow.class.isAssignableFrom(type);
        }

        static void collect(
                IntegrationFlow flow, ConfigurableListableBeanFactory beans, IdentityHashMap<Lifecycle, String> parts) {
            flow.getIntegrationComponents().forEach((component, name) -> {
                boolean isNew = true;
                if (component instanceof Lifecycle lifecycle) {
                    isNew = parts.putIfAbsent(lifecycle, String.valueOf(name)) == null;
                }
                if (isNew && component instanceof IntegrationFlow inner) {
                    collect(inner, beans, parts);
                }
                // The factories of endpoints are parts of the flow, and so are the endpoints that they made.
                if (name != null && beans.containsSingleton(name) && beans.getBean(name) instanceof Lifecycle product) {
                    parts.putIfAbsent(product, name);
                }
            });
        }
    }
}
