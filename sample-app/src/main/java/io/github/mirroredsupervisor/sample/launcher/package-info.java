/** What runs without {@code --role}: the command line, and the application that starts the cluster and its page. */
@NullMarked
package io.github.mirroredsupervisor.sample.launcher;

import org.jspecify.annotations.NullMarked;
