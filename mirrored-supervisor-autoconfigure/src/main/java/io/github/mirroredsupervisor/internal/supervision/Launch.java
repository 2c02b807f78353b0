package io.github.mirroredsupervisor.internal.supervision;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;

/**
 * The order to run one child under one token.
 *
 * @param spec what to run
 * @param order its place in the start order of the supervisor
 * @param token the fencing token granted for exactly this run
 * @param cause why
 * @param attempt why the start is tried; never {@link Attempt#RESTART}, which only the supervisor itself begins
 */
public record Launch(ChildSpec spec, long order, long token, StartCause cause, Attempt attempt) {}
