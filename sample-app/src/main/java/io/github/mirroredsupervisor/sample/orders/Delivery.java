package io.github.mirroredsupervisor.sample.orders;

/**
 * One delivered row.
 *
 * @param position its place in the table, rising in the order of delivery of one tenant
 * @param tenant the tenant
 * @param seq the order's number, counted from 1 without gaps by tenant
 * @param token the fencing token of the run that delivered it
 */
public record Delivery(long position, int tenant, long seq, long token) {}
