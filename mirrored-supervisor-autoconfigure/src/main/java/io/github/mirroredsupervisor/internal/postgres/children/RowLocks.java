package io.github.mirroredsupervisor.internal.postgres.children;

/**
 * What to do about a row that another transaction holds. Set-based changes first take the free rows and then wait for
 * the rest. So a single locked row does not delay the others.
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
