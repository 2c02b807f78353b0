package io.github.mirroredsupervisor.sample.orders;

import java.util.Locale;

/** How tenants and the ids of their children name each other. */
public final class TenantIds {

    private static final String PREFIX = "tenant-";

    private TenantIds() {}

    public static String idOf(int tenant) {
        return PREFIX + String.format(Locale.ROOT, "%02d", tenant);
    }

    /**
     * The tenant of a child.
     *
     * @throws IllegalArgumentException if {@link #idOf} did not make it
     */
    public static int tenantOf(String childId) {
        if (!childId.startsWith(PREFIX)) {
            throw new IllegalArgumentException("'" + childId + "' is not the id of a tenant's child");
        }
        return Integer.parseInt(childId.substring(PREFIX.length()));
    }
}
