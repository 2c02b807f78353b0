package io.github.mirroredsupervisor.supervision;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.SupervisorEvent.StartCause;

/**
 * The order to run one child under one token.
 *
 * @param spec what to run
 * @param order its place in the start order of the supervisor
 * @param token the fencing token granted for exactly this run
 * @param cause why
 * @param commanded whether somebody waits for the outcome: then a failed start is reported and not retried
 */
public record Launch(ChildSpec spec, long order, long token, StartCause cause, boolean commanded) {}
