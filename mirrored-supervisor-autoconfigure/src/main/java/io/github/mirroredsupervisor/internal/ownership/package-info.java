/**
 * How children change owners, and what this peer still has to write of its own: claims, the order of adoption, reports
 * and releases, and rows that are missing or no longer declared (protocol rules 5 to 8).
 */
@NullMarked
package io.github.mirroredsupervisor.internal.ownership;

import org.jspecify.annotations.NullMarked;
