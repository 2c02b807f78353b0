package io.github.mirroredsupervisor;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.context.annotation.Scope;
import org.springframework.core.annotation.AliasFor;
import org.springframework.stereotype.Component;

/**
 * A type for dynamic children, which a {@link ChildSpec} refers to by name. Put it on a bean class (found by component
 * scanning) or a {@code @Bean} method. It makes the bean a prototype: every run gets a new instance. Its attributes may
 * contain placeholders and expressions.
 *
 * <p>To declare children of such a type in the application, as {@link MirroredChild} does, define beans of type
 * {@link ChildSpec} or collections of them. They belong to the default group, or to the one that a {@code @Qualifier}
 * names; {@code @Order} sets their place in the start order.
 */
@Documented
@Component
@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface MirroredChildType {

    /** The name that specs use. Keep it stable: it is stored in the database. */
    @AliasFor("name")
    String value() default "";

    /** The same as {@link #value}. The alias keeps Spring from naming the bean after the type. */
    @AliasFor("value")
    String name() default "";

    /** The group that has the type; empty means every group of the application. */
    String group() default "";
}
