package io.github.mirroredsupervisor;

import org.jspecify.annotations.Nullable;

/**
 * The database answered, and its answer was no: a right is missing, a constraint is violated, a relation is not there,
 * or a row is not what it should be. Nothing was changed. Asking again brings the same answer until somebody changes
 * what the message names.
 */
public final class StoreRefusedException extends StoreException {

    private static final long serialVersionUID = 1L;

    private final @Nullable String sqlState;

    /**
     * A refusal.
     *
     * @param message what was refused, by what, and what to do about it
     * @param sqlState the SQLSTATE of the answer; null if the answer itself could not be used
     */
    public StoreRefusedException(String message, @Nullable String sqlState, @Nullable Throwable cause) {
        super(message, cause);
        this.sqlState = sqlState;
    }

    /** The SQLSTATE of the answer, such as 42501 for a missing right. Null if the answer itself could not be used. */
    public @Nullable String sqlState() {
        return sqlState;
    }
}
