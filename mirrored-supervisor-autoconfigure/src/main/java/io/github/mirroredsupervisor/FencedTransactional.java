package io.github.mirroredsupervisor;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Runs a method in a fenced transaction of the child that calls it, as {@link ChildContext#inFencedTransaction} does.
 * Put it on a method of a Spring bean, or on the bean's class for all its public methods. The child is the one whose
 * {@code init} or {@code run} is on the calling thread; on any other thread the call fails with an
 * {@link IllegalStateException}.
 *
 * <p>Anything that the method throws rolls the transaction back and reaches the caller unchanged. As with all Spring
 * proxies, a call from within the same object is not intercepted: use {@code inFencedTransaction} there.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface FencedTransactional {}
