/**
 * The mirrored supervisor in a Spring Boot application: settings, schema, discovery of children, life cycle,
 * coordinator and the explanations of failed starts. Nothing here is API; applications use the beans of the root
 * package's types.
 */
@NullMarked
package io.github.mirroredsupervisor.autoconfigure;

import org.jspecify.annotations.NullMarked;
