/**
 * How beans become children: discovery, checks, and lifecycles that the supervisor owns.
 */
@NullMarked
package io.github.mirroredsupervisor.autoconfigure.children;

import org.jspecify.annotations.NullMarked;
