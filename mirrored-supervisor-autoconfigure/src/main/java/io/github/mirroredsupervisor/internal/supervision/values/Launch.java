package io.github.mirroredsupervisor.internal.supervision.values;

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
 * @param declared whether the application declares the child: the order of these children counts (semantics row A11)
 */
public record Launch(ChildSpec spec, long order, long token, StartCause cause, Attempt attempt, boolean declared) {

    /** Why a start is tried. The reason decides what a failed start means. */
    public enum Attempt {
        /** A caller waits for the result: a failure ends the attempt. */
        COMMANDED,
        /**
         * The first start of a child that should run (declared, adopted or resumed): retried with a delay, never
         * counted (row B42).
         */
        FIRST,
        /**
         * One of the supervisor's initial children, which start all or none: after a failure no waiting child is
         * started (row A12).
         */
        INITIAL,
        /** A restart in place: a failure counts as one more restart (rows A26, A37, A38). */
        RESTART
    }
}
