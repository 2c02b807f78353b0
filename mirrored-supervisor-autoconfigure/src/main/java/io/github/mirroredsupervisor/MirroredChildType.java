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
 * A type for dynamic children: what a stored {@link ChildSpec} may name. On a bean class (found by component scanning)
 * or a {@code @Bean} method. It makes the bean a prototype: every run gets an instance of its own. Its attributes may
 * hold placeholders and expressions.
 *
 * <p>Declared children of a type, which come with the application as those of {@link MirroredChild} do, are beans of
 * the type {@link ChildSpec} or collections of such: in the default group, or in the one that a {@code @Qualifier}
 * names, at the place that {@code @Order} gives them.
 */
@Documented
@Component
@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface MirroredChildType {

    /** The name that specs use. Stable: it is stored. */
    @AliasFor("name")
    String value() default "";

    /** The same as {@link #value}. That it has an alias keeps Spring from naming the bean after the type. */
    @AliasFor("value")
    String name() default "";

    /** The group that knows the type; by default every group of the application. */
    String group() default "";
}
