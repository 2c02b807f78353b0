package io.github.mirroredsupervisor.internal.postgres.tables;

/**
 * What to do about a row that another transaction holds. Set-based changes first take what is free, so that one row
 * that somebody sits on does not keep the others waiting, and then wait for the rest.
 */
public enum RowLocks {
    SKIP("skip locked"),
    WAIT("");

    private final String clause;

    RowLocks(String clause) {
        this.clause = clause;
    }

    /** The end of a locking clause. */
    String clause() {
        return clause;
    }
}
