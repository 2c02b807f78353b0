/** The processes that are compared: one Spring Boot application each, with the means of one system. */
@NullMarked
package io.github.mirroredsupervisor.sample.benchmark.contender;

import org.jspecify.annotations.NullMarked;
