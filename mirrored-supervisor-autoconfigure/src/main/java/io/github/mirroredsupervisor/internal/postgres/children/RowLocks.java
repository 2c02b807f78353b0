package io.github.mirroredsupervisor.internal.postgres.children;

/**
 * What to do about a row that another transaction holds. Set-based changes first take the free rows and then wait for
 * the rest. So a single locked row does not delay the others.
 */
public enum RowLocks {
    SKIP("skip locked"),
    WAIT("");

    /** Among the sources of a change: the place where those rows are joined that the same statement has locked. */
    private static final String JOIN_FREE = "JOIN_FREE";

    private final String clause;

    RowLocks(String clause) {
        this.clause = clause;
    }

    /** The end of a locking clause. */
    String clause() {
        return clause;
    }

    /** The beginning of a statement that locks the rows that are free, and then changes them as {@link #ofFree}. */
    static String lockFree(String lock) {
        return "with free as materialized (" + lock + SKIP.clause + ")";
    }

    /**
     * A change of the rows that the same statement has locked. It waits for none of them.
     *
     * @param change has the place for the join among its sources
     * @param expected the alias of the source with the ids
     */
    static String ofFree(String change, String expected) {
        return change.replace(JOIN_FREE, "join free f on f.id = " + expected + ".id");
    }

    /** The same change of rows that an earlier statement of the transaction has locked. */
    static String ofLocked(String change) {
        return change.replace(JOIN_FREE, "");
    }
}
