package io.github.mirroredsupervisor.actuate;

import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.actuate.SupervisorsEndpoint.ChildDescriptor;
import io.github.mirroredsupervisor.actuate.SupervisorsEndpoint.SupervisorDescriptor;
import io.github.mirroredsupervisor.actuate.SupervisorsEndpoint.SupervisorsDescriptor;
import io.github.mirroredsupervisor.autoconfigure.MirroredSupervisorAutoConfiguration;
import io.github.mirroredsupervisor.internal.peer.Peer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;

/** {@link EnableAutoConfiguration Auto-configuration} of the {@link SupervisorsEndpoint}. */
@AutoConfiguration(after = MirroredSupervisorAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(SupervisorsEndpoint.class)
@ConditionalOnBean(MirroredSupervisor.class)
@ConditionalOnBooleanProperty(name = "mirrored-supervisor.enabled", matchIfMissing = true)
@ImportRuntimeHints(SupervisorsEndpointAutoConfiguration.ResponseHints.class)
public final class SupervisorsEndpointAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    SupervisorsEndpoint supervisorsEndpoint(ObjectProvider<Peer> peer, ObjectProvider<MirroredSupervisor> supervisors) {
        return new SupervisorsEndpoint(
                peer.getIfAvailable() == null ? List.of() : supervisors.stream().toList());
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnAvailableEndpoint(exposure = EndpointExposure.WEB)
    SupervisorsEndpointWebExtension supervisorsEndpointWebExtension(SupervisorsEndpoint endpoint) {
        return new SupervisorsEndpointWebExtension(endpoint);
    }

    /** Registers the types of the response bodies, which do not appear in the web extension's signatures. */
    static final class ResponseHints implements RuntimeHintsRegistrar {

        @Override
        public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
            new BindingReflectionHintsRegistrar()
                    .registerReflectionHints(
                            hints.reflection(),
                            SupervisorsDescriptor.class,
                            SupervisorDescriptor.class,
                            ChildDescriptor.class);
        }
    }
}
