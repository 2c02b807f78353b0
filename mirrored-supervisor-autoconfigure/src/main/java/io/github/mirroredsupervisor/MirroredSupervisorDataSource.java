package io.github.mirroredsupervisor;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Marks the {@code DataSource} bean whose database the mirrored supervisor uses, where the application has several or
 * none that may be injected. It is chosen before a primary one, and may be a bean with
 * {@code defaultCandidate = false}.
 *
 * <p>The supervisor never takes a connection from a pool. It asks the pool where it connects, and at each attempt for
 * its present credentials. A data source that does not tell this, or one that is no pool and has a
 * {@code getConnection()} of the application's own (which gets a token, say), is called for each new connection
 * instead. It has to open a new physical connection of the PostgreSQL driver at each call, and may be called by several
 * threads at once. What it opens is bounded and checked like any other connection: an attempt that takes too long is
 * given up, and its thread is interrupted.
 */
@Target({ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER, ElementType.TYPE, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Qualifier
public @interface MirroredSupervisorDataSource {}
