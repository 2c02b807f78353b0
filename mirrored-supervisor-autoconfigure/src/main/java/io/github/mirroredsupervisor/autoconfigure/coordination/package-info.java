/**
 * The coordinator of a group, elected by Spring Integration, and its housekeeping.
 */
@NullMarked
package io.github.mirroredsupervisor.autoconfigure.coordination;

import org.jspecify.annotations.NullMarked;
