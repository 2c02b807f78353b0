/**
 * One local OTP supervisor: pure decisions (a state and an event give a state and effects, with time passed in) and the
 * runner that executes them on threads. It knows neither Spring nor JDBC, nor that other peers exist.
 */
@NullMarked
package io.github.mirroredsupervisor.supervision;

import org.jspecify.annotations.NullMarked;
