package io.github.mirroredsupervisor.autoconfigure.process;

import io.github.mirroredsupervisor.MirroredSupervisor;
import java.util.function.Supplier;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Registers one {@link MirroredSupervisor} for each group, qualified by the group's name. The one of the default group
 * is primary.
 */
public final class SupervisorBeanRegistrar implements ImportBeanDefinitionRegistrar {

    static final String PRIMARY_BEAN = "mirroredSupervisor";

    private final GroupNames groups;

    SupervisorBeanRegistrar(Environment environment) {
        this.groups = GroupNames.of(environment);
    }

    @Override
    public void registerBeanDefinitions(AnnotationMetadata importing, BeanDefinitionRegistry registry) {
        register(groups, registry, () -> {
            RootBeanDefinition definition = new RootBeanDefinition();
            definition.setFactoryBeanName(SupervisorBeans.BEAN);
            definition.setFactoryMethodName("supervisor");
            return definition;
        });
    }

    /** Registers one bean for each group. Its factory method is given the group's name. */
    public static void register(GroupNames groups, BeanDefinitionRegistry registry, Supplier<RootBeanDefinition> made) {
        for (String group : groups.all()) {
            boolean primary = group.equals(groups.primary());
            RootBeanDefinition definition = made.get();
            definition.setTargetType(MirroredSupervisor.class);
            definition.getConstructorArgumentValues().addIndexedArgumentValue(0, group);
            definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, group));
            definition.setPrimary(primary);
            definition.setLazyInit(true); // only beans that inject it need a database
            definition.setRole(BeanDefinition.ROLE_APPLICATION);
            registry.registerBeanDefinition(primary ? PRIMARY_BEAN : PRIMARY_BEAN + "." + group, definition);
        }
    }
}
