/** What the tests of several packages share: PostgreSQL servers. */
@NullMarked
package io.github.mirroredsupervisor.testing;

import org.jspecify.annotations.NullMarked;
