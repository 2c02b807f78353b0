/**
 * A transactional outbox relay per tenant, on a cluster that the launcher starts on this machine. Begin at
 * {@link io.github.mirroredsupervisor.sample.SampleApplication}.
 */
@NullMarked
package io.github.mirroredsupervisor.sample;

import org.jspecify.annotations.NullMarked;
