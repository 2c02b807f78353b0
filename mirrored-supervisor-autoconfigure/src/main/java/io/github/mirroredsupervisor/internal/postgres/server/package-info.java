/**
 * Which server answers, and what its errors mean.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.postgres.server;

import org.jspecify.annotations.NullMarked;
