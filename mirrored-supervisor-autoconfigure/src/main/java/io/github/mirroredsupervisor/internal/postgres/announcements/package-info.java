/**
 * What others are told of changes after their commit: notifications, revisions, the history.
 */
@NullMarked
package io.github.mirroredsupervisor.internal.postgres.announcements;

import org.jspecify.annotations.NullMarked;
