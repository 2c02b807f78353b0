/**
 * Decides what to do about a child whose row and run differ, and when (protocol rules 5 to 10). Pure: rows, local runs
 * and the time go in, decisions come out.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.reconcile;

import org.jspecify.annotations.NullMarked;
