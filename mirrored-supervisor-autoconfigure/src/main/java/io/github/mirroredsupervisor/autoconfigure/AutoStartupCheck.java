package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.autoconfigure.SupervisorStartException.Problem;
import java.util.List;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.SmartLifecycle;

/** Refuses static children that the context would start on every peer, before it starts any. */
final class AutoStartupCheck implements SmartInitializingSingleton {

    private final ConfigurableListableBeanFactory beans;

    private final List<String> childBeans;

    AutoStartupCheck(ConfigurableListableBeanFactory beans, List<String> childBeans) {
        this.beans = beans;
        this.childBeans = childBeans;
    }

    @Override
    public void afterSingletonsInstantiated() {
        for (String name : childBeans) {
            if (beans.containsSingleton(name)
                    && beans.getBean(name) instanceof SmartLifecycle lifecycle
                    && lifecycle.isAutoStartup()) {
                throw new SupervisorStartException(
                        Problem.UNSUPPORTED_CHILD_BEAN,
                        "Bean '" + name
                                + "' is annotated with @MirroredChild, but the context starts it on every instance of the "
                                + "application because its isAutoStartup() is true.",
                        "Call setAutoStartup(false) on it, or let isAutoStartup() return false: its supervisor starts it where it is owned.");
            }
        }
    }
}
