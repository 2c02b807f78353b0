package io.github.mirroredsupervisor.internal.postgres.source;

import org.jspecify.annotations.Nullable;

/**
 * The user to connect as.
 *
 * @param username null if the URL, the driver's properties or its defaults name it
 * @param password null if one of these contains it, or if none is needed
 */
public record Credentials(
        @Nullable String username, @Nullable String password) {

    /** The URL, the properties and the driver's defaults decide. */
    public static final Credentials NONE = new Credentials(null, null);

    /** Without the password. */
    @Override
    public String toString() {
        return "Credentials[" + username + "]";
    }
}
