package io.github.mirroredsupervisor;

import org.jspecify.annotations.Nullable;

/**
 * The database answered with a refusal: a privilege is missing, a constraint is violated, a relation does not exist, or
 * a row is invalid. Nothing was changed. A retry fails in the same way until the problem that the message names is
 * fixed.
 */
public final class StoreRefusedException extends StoreException {

    private static final long serialVersionUID = 1L;

    private final @Nullable String sqlState;

    /**
     * Creates the exception.
     *
     * @param message what was refused, by what, and what to do about it
     * @param sqlState the SQLSTATE of the answer; null if the database answered with unusable data
     */
    public StoreRefusedException(String message, @Nullable String sqlState, @Nullable Throwable cause) {
        super(message, cause);
        this.sqlState = sqlState;
    }

    /**
     * The SQLSTATE of the answer, such as 42501 for a missing privilege. Null if the database answered with unusable
     * data.
     */
    public @Nullable String sqlState() {
        return sqlState;
    }
}
