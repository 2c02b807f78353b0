/**
 * One OTP supervisor, decided purely: a state and an event give a state and effects, with time passed in. It knows
 * neither Spring nor JDBC, nor that other peers exist.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.supervision;

import org.jspecify.annotations.NullMarked;
