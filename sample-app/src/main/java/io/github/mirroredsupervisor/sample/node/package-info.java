/** One node: an ordinary Spring Boot application with the starter and one kind of mirrored child. */
@NullMarked
package io.github.mirroredsupervisor.sample.node;

import org.jspecify.annotations.NullMarked;
