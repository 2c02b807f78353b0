/**
 * The peer as a part of the application: its lifecycle, its beans and facts about its host.
 */
@NullMarked
package io.github.mirroredsupervisor.autoconfigure.process;

import org.jspecify.annotations.NullMarked;
