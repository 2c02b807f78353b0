/**
 * One peer: permission, observation, death certificates, adoption, reconciliation, routing and group death. Decisions are
 * pure; it knows the local supervisor and the store's interface, neither Spring nor JDBC.
 */
@NullMarked
package io.github.mirroredsupervisor.mirror;

import org.jspecify.annotations.NullMarked;
