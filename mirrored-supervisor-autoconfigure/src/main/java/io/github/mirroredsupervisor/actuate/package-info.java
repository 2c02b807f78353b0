/** What operators see: the endpoint, the health contributor and the meters. Nothing depends on it. */
@NullMarked
package io.github.mirroredsupervisor.actuate;

import org.jspecify.annotations.NullMarked;
