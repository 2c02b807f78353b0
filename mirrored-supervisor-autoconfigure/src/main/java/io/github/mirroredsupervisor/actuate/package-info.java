/** What operators see: the endpoint, the health contributor and the meters. No other package depends on this one. */
@NullMarked
package io.github.mirroredsupervisor.actuate;

import org.jspecify.annotations.NullMarked;
