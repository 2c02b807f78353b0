package io.github.mirroredsupervisor;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Marks the {@code DataSource} bean whose database the mirrored supervisor uses, for an application that has several,
 * or none that is a candidate for injection. It takes precedence over a primary one, and may be a bean with
 * {@code defaultCandidate = false}.
 *
 * <p>The supervisor never takes a connection from a pool. It reads the pool's URL, and at each attempt to connect the
 * pool's present credentials. A data source that does not expose these, or that is no pool and whose
 * {@code getConnection()} the application overrides (to get a token, for example), is called for each new connection
 * instead. It must open a new physical connection of the PostgreSQL driver at each call, and several threads may call
 * it at once. Its connections are bounded and checked like any other: an attempt that takes too long is given up, and
 * its thread is interrupted.
 */
@Target({ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER, ElementType.TYPE, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Qualifier
public @interface MirroredSupervisorDataSource {}
