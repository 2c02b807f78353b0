package io.github.mirroredsupervisor;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.core.annotation.AliasFor;
import org.springframework.stereotype.Component;

/**
 * A static child: the group runs it on exactly one of the instances that declare it. On a bean class (found by
 * component scanning) or a {@code @Bean} method, for a {@link ChildProcess}, a {@link Runnable} or a Spring
 * {@code Lifecycle}.
 *
 * <p>The bean is one object: each run calls it anew. (A prototype is made anew for each run.) A {@code Lifecycle} bean
 * and its parts, a Spring Integration flow for example, are started and stopped with its ownership: they no longer
 * start by themselves, and where that cannot be helped the application does not start. While the child runs, the Spring
 * Integration role of its id is granted on its peer.
 *
 * <p>All attributes that are texts may hold placeholders and expressions, {@code ${…}} and <code>#{…}</code>; they are
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

    /** The same as {@link #value}. That it has an alias keeps Spring from naming the bean after the child. */
    @AliasFor("value")
    String id() default "";

    /** The group; by default the application's own. */
    String group() default "";

    /** Its place among the group's static children, lowest first; equal ones in the order of their ids. */
    int order() default 0;

    /** The same as a text, for a placeholder or an expression; if it is given, {@link #order} does not count. */
    String orderString() default "";

    RestartType restart() default RestartType.PERMANENT;

    /**
     * How long a restart waits once the intensity is used up, as {@code 5s} or {@code PT5S}; empty takes the group's.
     */
    String restartDelay() default "";

    /** A duration as {@code 5s} or {@code PT5S}, {@code brutal} or {@code infinity}; empty is the kind's default. */
    String shutdown() default "";

    ChildKind kind() default ChildKind.WORKER;

    boolean significant() default false;

    Takeover takeover() default Takeover.AFTER_LEASE;

    OutagePolicy onOutage() default OutagePolicy.STOP;

    /**
     * How long the child may run without calling {@link ChildContext#progress}, as {@code 30s} or {@code PT30S}; empty
     * for as long as it likes.
     */
    String progressTimeout() default "";
}
