/**
 * OTP supervision for a cluster of application instances that share one PostgreSQL.
 *
 * <p>Instances that name the same <em>group</em> act as one supervisor: a child id runs on exactly one of them, a child
 * that dies is restarted where it is, and the children of an instance that dies are adopted by the survivors. This
 * package is the whole public API; the packages below it implement it.
 */
@NullMarked
package io.github.mirroredsupervisor;

import org.jspecify.annotations.NullMarked;
