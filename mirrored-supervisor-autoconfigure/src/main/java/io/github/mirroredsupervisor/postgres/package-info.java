/**
 * The store on PostgreSQL: private connections bounded by the lease, one small class with its SQL per table, and the
 * migrations beside it. Ownership changes only by compare-and-set on row-locked rows in READ COMMITTED transactions, and
 * no statement compares a clock with another to decide about it (faults F5).
 */
@NullMarked
package io.github.mirroredsupervisor.postgres;

import org.jspecify.annotations.NullMarked;
