package io.github.mirroredsupervisor;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.core.annotation.AliasFor;
import org.springframework.stereotype.Component;

/**
 * A static child: the group runs it on exactly one of the instances that declare it. Put it on a bean class (found by
 * component scanning) or a {@code @Bean} method. The bean is a {@link ChildProcess}, a {@link Runnable} or a Spring
 * {@code Lifecycle}.
 *
 * <p>All runs use the same bean, except that each run of a prototype gets a new instance. A {@code Lifecycle} bean and
 * its parts, such as those of a Spring Integration flow, run only where the child is owned: the context no longer
 * starts them, and if that cannot be prevented the application does not start. While the child runs, the Spring
 * Integration role named like the child's id is granted on its peer.
 *
 * <p>All text attributes may contain placeholders and expressions, {@code ${…}} and <code>#{…}</code>. They are
 * resolved once, when the application starts.
 */
@Documented
@Component
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface MirroredChild {

    /** The child's id in the group. */
    @AliasFor("id")
    String value() default "";

    /** The same as {@link #value}. The alias keeps Spring from naming the bean after the child. */
    @AliasFor("value")
    String id() default "";

    /** The name of the group; empty means the application's default group. */
    String group() default "";

    /** Its place in the start order of the group's static children, lowest first; equal places are ordered by id. */
    int order() default 0;

    /**
     * The same as {@link #order}, as a text, for a placeholder or an expression. If it is given, {@code order} is
     * ignored.
     */
    String orderString() default "";

    RestartType restart() default RestartType.PERMANENT;

    /**
     * How long a restart waits once the intensity is used up, as {@code 5s} or {@code PT5S}; empty means the group's.
     */
    String restartDelay() default "";

    /** A duration as {@code 5s} or {@code PT5S}, {@code brutal} or {@code infinity}; empty means the kind's default. */
    String shutdown() default "";

    ChildKind kind() default ChildKind.WORKER;

    boolean significant() default false;

    Takeover takeover() default Takeover.AFTER_LEASE;

    OutagePolicy onOutage() default OutagePolicy.STOP;

    /**
     * How long the child may run without calling {@link ChildContext#progress}, as {@code 30s} or {@code PT30S}; empty
     * means without limit.
     */
    String progressTimeout() default "";
}
