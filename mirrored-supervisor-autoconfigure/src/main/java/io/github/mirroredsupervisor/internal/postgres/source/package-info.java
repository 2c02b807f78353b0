/**
 * Where the private connections come from: settings, URLs, credentials, pools.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.postgres.source;

import org.jspecify.annotations.NullMarked;
