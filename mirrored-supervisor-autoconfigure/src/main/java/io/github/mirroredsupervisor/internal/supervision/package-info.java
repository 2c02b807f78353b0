/**
 * The decisions of one OTP supervisor, without I/O: an event and the time change the state and produce effects. It
 * depends on neither Spring nor JDBC, and does not know about other peers.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.supervision;

import org.jspecify.annotations.NullMarked;
