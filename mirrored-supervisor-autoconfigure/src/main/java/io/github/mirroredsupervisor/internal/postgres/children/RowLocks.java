package io.github.mirroredsupervisor.internal.postgres.children;

/**
 * What to do about a row that another transaction holds. Set-based changes first take the free rows and then wait for
 * the rest. So a single locked row does not delay the others.
 */
public enum RowLocks {
    SKIP("skip locked"),
    WAIT("");

    /** What a lock selects. */
    private static final String LOCKED = "LOCKED";

    /** The source of the rows as they are expected, in a lock and in a change. */
    private static final String SOURCE = "SOURCE";

    /**
     * The ids occur twice in a join, so that the rows are found by the key even while the planner's statistics are
     * those of an empty table. A change that follows a lock in the same statement must not have it: the planner expects
     * one locked row, and would compare each locked row with every id.
     */
    private static final String NAMED = "c.id = any (:ids) and ";

    private final String clause;

    RowLocks(String clause) {
        this.clause = clause;
    }

    /** The end of a locking clause. */
    String clause() {
        return clause;
    }

    /** A statement that locks rows and returns their ids. */
    static String lock(String lock, String source) {
        return lock.replace(LOCKED, "c.id").replace(SOURCE, source);
    }

    /**
     * The beginning of a statement that locks the rows that are free, and then changes them as {@link #ofFree}.
     *
     * @param alias the source's
     */
    static String lockFree(String lock, String source, String alias) {
        return "with free as materialized ("
                + lock.replace(LOCKED, alias + ".*").replace(SOURCE, source)
                + SKIP.clause
                + ")";
    }

    /** A change of the rows that the same statement has locked. It waits for none of them. */
    static String ofFree(String change, String alias) {
        return change.replace(SOURCE, "free " + alias).replace(NAMED, "");
    }

    /** The same change of rows that an earlier statement of the transaction has locked. */
    static String ofLocked(String change, String source) {
        return change.replace(SOURCE, source);
    }
}
