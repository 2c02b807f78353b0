/** The live page: what the cluster does, as a picture, and buttons to disturb it. */
@NullMarked
package io.github.mirroredsupervisor.sample.page;

import org.jspecify.annotations.NullMarked;
