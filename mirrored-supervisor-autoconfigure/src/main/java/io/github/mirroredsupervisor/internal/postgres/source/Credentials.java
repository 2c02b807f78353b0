package io.github.mirroredsupervisor.internal.postgres.source;

import org.jspecify.annotations.Nullable;

/**
 * As whom to connect.
 *
 * @param username null if the URL, the driver's properties or its defaults name it
 * @param password null if they do, or none is needed
 */
public record Credentials(
        @Nullable String username, @Nullable String password) {

    /** Whatever the URL, the properties and the driver's defaults say. */
    public static final Credentials NONE = new Credentials(null, null);

    /** Without the password. */
    @Override
    public String toString() {
        return "Credentials[" + username + "]";
    }
}
