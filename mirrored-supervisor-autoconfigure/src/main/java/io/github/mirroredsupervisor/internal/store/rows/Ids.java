package io.github.mirroredsupervisor.internal.store.rows;

import java.nio.charset.StandardCharsets;

/** Checks ids of children. Pure. */
public final class Ids {

    private Ids() {}

    /**
     * Whether a child may have this id: it is not blank, and PostgreSQL stores it unchanged. An unpaired surrogate or a
     * NUL would be stored as something else, and so name another child.
     */
    public static boolean isPossible(String id) {
        return !id.isBlank()
                && id.indexOf('\0') < 0
                && StandardCharsets.UTF_8.newEncoder().canEncode(id);
    }
}
