package io.github.mirroredsupervisor.autoconfigure;

import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.autoconfigure.DisabledSupervisorAutoConfiguration.DisabledSupervisorRegistrar;
import io.github.mirroredsupervisor.autoconfigure.DisabledSupervisorAutoConfiguration.ProxyHints;
import io.github.mirroredsupervisor.autoconfigure.process.DisabledSupervisor;
import io.github.mirroredsupervisor.autoconfigure.process.GroupNames;
import io.github.mirroredsupervisor.autoconfigure.process.SupervisorBeanRegistrar;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for an application that switches supervision off. It registers the
 * same supervisor beans, which refuse calls, so that beans that inject them still start. There is no peer, no
 * connection and no schema, and no child runs.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "mirrored-supervisor.enabled", havingValue = false)
@Import(DisabledSupervisorRegistrar.class)
@ImportRuntimeHints(ProxyHints.class)
public final class DisabledSupervisorAutoConfiguration {

    static final class DisabledSupervisorRegistrar implements ImportBeanDefinitionRegistrar {

        private final GroupNames groups;

        DisabledSupervisorRegistrar(Environment environment) {
            this.groups = GroupNames.of(environment);
        }

        @Override
        public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
            SupervisorBeanRegistrar.register(groups, registry, () -> {
                RootBeanDefinition definition = new RootBeanDefinition(DisabledSupervisor.class);
                definition.setFactoryMethodName("of");
                return definition;
            });
        }
    }

    static final class ProxyHints implements RuntimeHintsRegistrar {

        @Override
        public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
            hints.proxies().registerJdkProxy(MirroredSupervisor.class);
        }
    }
}
