/** What a supervisor of children is told and what it shows: flags, launches, exits, children as seen from outside. */
@NullMarked
package io.github.mirroredsupervisor.internal.supervision.values;

import org.jspecify.annotations.NullMarked;
