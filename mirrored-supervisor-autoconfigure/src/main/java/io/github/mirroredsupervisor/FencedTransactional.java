package io.github.mirroredsupervisor;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Runs a method in a fenced transaction of the child that calls it, as {@link ChildContext#inFencedTransaction} does.
 * On a method of a Spring bean, or on its class for all public ones. The child is the one whose {@code init} or
 * {@code run} is on the calling thread; elsewhere the call fails with an {@link IllegalStateException}.
 *
 * <p>Whatever the method throws rolls the transaction back and reaches the caller as it is. As with all of Spring's
 * proxies, a call from within the same object is not seen: there {@code inFencedTransaction} is the way.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface FencedTransactional {}
