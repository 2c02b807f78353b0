package io.github.mirroredsupervisor.internal.postgres.server;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** What failures of the driver and of PostgreSQL mean, to this library and to people. */
public final class SqlStates {

    /** What kind of answer a failure is. */
    public enum Answer {
        /** No answer, or none in time. The outcome is unknown, and the session is not used again. */
        SILENCE(false),
        /**
         * This session cannot do the work, but another one may: it leads to a standby, or lost its prepared statements.
         */
        STALE_SESSION(false),
        /** A row or a table stayed locked for too long. Nothing was changed. */
        LOCKED(true),
        /** Another transaction was in the way. Nothing was changed, and a retry most likely succeeds. */
        CONFLICT(true),
        /** The server refuses. Nothing was changed, and a retry gets the same answer. */
        REFUSAL(true);

        private final boolean leavesSession;

        Answer(boolean leavesSession) {
            this.leavesSession = leavesSession;
        }

        /** Whether the session can be used again after a rollback. */
        public boolean leavesSession() {
            return leavesSession;
        }
    }

    /** Every class of PostgreSQL's appendix "Error Codes", and those of the driver. An unknown class is a refusal. */
    static final Map<String, Answer> CLASSES = Map.ofEntries(
            Map.entry("00", Answer.SILENCE), // successful completion: no answer to take for a failure
            Map.entry("01", Answer.REFUSAL), // warning
            Map.entry("02", Answer.REFUSAL), // no data
            Map.entry("03", Answer.SILENCE), // SQL statement not yet complete
            Map.entry("07", Answer.REFUSAL), // the driver: dynamic SQL error
            Map.entry("08", Answer.SILENCE), // connection exception
            Map.entry("09", Answer.REFUSAL), // triggered action exception
            Map.entry("0A", Answer.REFUSAL), // feature not supported
            Map.entry("0B", Answer.STALE_SESSION), // invalid transaction initiation
            Map.entry("0F", Answer.REFUSAL), // locator exception
            Map.entry("0L", Answer.REFUSAL), // invalid grantor
            Map.entry("0P", Answer.REFUSAL), // invalid role specification
            Map.entry("0Z", Answer.REFUSAL), // diagnostics exception
            Map.entry("10", Answer.REFUSAL), // XQuery error
            Map.entry("20", Answer.REFUSAL), // case not found
            Map.entry("21", Answer.REFUSAL), // cardinality violation
            Map.entry("22", Answer.REFUSAL), // data exception
            Map.entry("23", Answer.REFUSAL), // integrity constraint violation
            Map.entry("24", Answer.STALE_SESSION), // invalid cursor state
            Map.entry("25", Answer.STALE_SESSION), // invalid transaction state, a read-only one among them
            Map.entry("26", Answer.STALE_SESSION), // invalid SQL statement name: a prepared statement is gone
            Map.entry("27", Answer.REFUSAL), // triggered data change violation
            Map.entry("28", Answer.REFUSAL), // invalid authorization specification
            Map.entry("2B", Answer.REFUSAL), // dependent privilege descriptors still exist
            Map.entry("2D", Answer.STALE_SESSION), // invalid transaction termination
            Map.entry("2F", Answer.REFUSAL), // SQL routine exception
            Map.entry("34", Answer.STALE_SESSION), // invalid cursor name
            Map.entry("38", Answer.REFUSAL), // external routine exception
            Map.entry("39", Answer.REFUSAL), // external routine invocation exception
            Map.entry("3B", Answer.STALE_SESSION), // savepoint exception
            Map.entry("3D", Answer.REFUSAL), // invalid catalog name
            Map.entry("3F", Answer.REFUSAL), // invalid schema name
            Map.entry("40", Answer.CONFLICT), // transaction rollback
            Map.entry("42", Answer.REFUSAL), // syntax error or access rule violation
            Map.entry("44", Answer.REFUSAL), // with check option violation
            Map.entry("53", Answer.SILENCE), // insufficient resources
            Map.entry("54", Answer.REFUSAL), // program limit exceeded
            Map.entry("55", Answer.REFUSAL), // object not in prerequisite state
            Map.entry("57", Answer.SILENCE), // operator intervention: shutdowns, and a statement's time-out
            Map.entry("58", Answer.REFUSAL), // system error
            Map.entry("72", Answer.CONFLICT), // snapshot failure
            Map.entry("99", Answer.SILENCE), // the driver: unexpected error
            Map.entry("F0", Answer.REFUSAL), // configuration file error
            Map.entry("HV", Answer.REFUSAL), // foreign data wrapper error
            Map.entry("P0", Answer.REFUSAL), // PL/pgSQL error
            Map.entry("XX", Answer.REFUSAL)); // internal error

    /** Single states whose meaning differs from that of their class. */
    private static final Map<String, Answer> STATES = Map.of(
            "25P03", Answer.SILENCE, // idle_in_transaction_session_timeout
            "25P04", Answer.SILENCE, // transaction_timeout
            "40002", Answer.REFUSAL, // transaction_integrity_constraint_violation
            "40003", Answer.SILENCE, // statement_completion_unknown
            "42P05", Answer.STALE_SESSION, // duplicate_prepared_statement: a pooler
            "55P03", Answer.LOCKED); // lock_not_available

    /** feature_not_supported, object_not_in_prerequisite_state */
    private static final Set<String> FUNCTION_FAILS = Set.of("0A000", "55000");

    /** undefined_function, insufficient_privilege */
    private static final Set<String> FUNCTION_WITHHELD = Set.of("42883", "42501");

    /** undefined_table, invalid_schema_name */
    private static final Set<String> UNKNOWN_TABLE = Set.of("42P01", "3F000");

    /** Classes of refusals that are temporary: object not in prerequisite state, system error, internal error. */
    private static final Set<String> OWN_TROUBLE = Set.of("55", "58", "XX");

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    /** not_null_violation, check_violation: their details print the whole row, which may contain application data. */
    private static final Set<String> DETAIL_IS_A_ROW = Set.of("23502", "23514");

    public static final String LOCK_NOT_AVAILABLE = "55P03";

    private static final String UNIQUE_VIOLATION = "23505";

    /** Data exceptions and violations of constraints. */
    private static final Set<String> ABOUT_VALUES = Set.of("22", "23");

    private SqlStates() {}

    /**
     * The kind of answer that this failure is. A failure that comes from neither the driver nor the server concerns an
     * answer that was read, so it is a refusal.
     */
    public static Answer answer(Throwable failure) {
        SQLException error = sqlError(failure);
        if (error == null) {
            return Answer.REFUSAL;
        }
        String state = stateOf(failure);
        if (state == null || state.length() < 2 || isReplannedStatement(error)) {
            return state == null || state.length() < 2 ? Answer.SILENCE : Answer.STALE_SESSION;
        }
        Answer exact = STATES.get(state);
        return exact == null ? CLASSES.getOrDefault(state.substring(0, 2), Answer.REFUSAL) : exact;
    }

    /** A table was altered under a prepared statement: another session prepares it again. */
    private static boolean isReplannedStatement(SQLException error) {
        ServerErrorMessage server = error instanceof PSQLException known ? known.getServerErrorMessage() : null;
        return server != null && "RevalidateCachedQuery".equals(server.getRoutine());
    }

    /** Whether a row stayed locked for too long, so that nothing was changed. */
    public static boolean isLockTimeout(Throwable failure) {
        return sqlError(failure) != null && answer(failure) == Answer.LOCKED;
    }

    /** Whether the server or its provider does not let this role call a function. */
    public static boolean isFunctionWithheld(Throwable failure) {
        String state = stateOf(failure);
        return state != null && (FUNCTION_FAILS.contains(state) || FUNCTION_WITHHELD.contains(state));
    }

    /**
     * Whether the server does not let this role call one of these functions. Other failures of the same statement do
     * not count.
     */
    public static boolean isFunctionWithheld(Throwable failure, Set<String> functions) {
        String state = stateOf(failure);
        if (state == null || !FUNCTION_WITHHELD.contains(state)) {
            return state != null && FUNCTION_FAILS.contains(state);
        }
        String text = explain(failure); // the language of a message differs, the names in it do not
        return functions.stream().anyMatch(text::contains);
    }

    public static boolean isUnknownTable(Throwable failure) {
        String state = stateOf(failure);
        return state != null && UNKNOWN_TABLE.contains(state);
    }

    public static boolean isForbidden(Throwable failure) {
        return INSUFFICIENT_PRIVILEGE.equals(stateOf(failure));
    }

    /**
     * Whether a retry may help. It does not if the server cannot hold the store, or if it refused for a reason other
     * than an internal problem.
     */
    public static boolean mayPass(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnsupportedServerException) {
                return false;
            }
        }
        String state = stateOf(failure);
        boolean trouble = state != null && state.length() >= 2 && OWN_TROUBLE.contains(state.substring(0, 2));
        return sqlError(failure) == null || answer(failure) != Answer.REFUSAL || trouble;
    }

    public static boolean isDuplicate(Throwable failure) {
        return UNIQUE_VIOLATION.equals(stateOf(failure));
    }

    /** Whether the statement is refused as such: a right, a table or a column is missing, or it is malformed. */
    public static boolean isAboutAccess(Throwable failure) {
        String state = stateOf(failure);
        return state != null && state.startsWith("42");
    }

    /** Whether the same rows would be refused again. */
    public static boolean isAboutValues(Throwable failure) {
        String state = stateOf(failure);
        return state != null && state.length() > 2 && ABOUT_VALUES.contains(state.substring(0, 2));
    }

    /** One line for people: the message of the driver, and that of the root cause. */
    public static String explain(Throwable failure) {
        Throwable first = failure;
        while (!(first instanceof SQLException) && first.getCause() != null) {
            first = first.getCause();
        }
        Throwable last = first;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        String text = firstLine(first);
        return last == first ? text : text + " (" + firstLine(last) + ")";
    }

    /**
     * One line for people about a refusal: the server's message, its SQLSTATE, and the relation, column, constraint,
     * row and hint that it names.
     */
    public static String describe(Throwable failure) {
        SQLException error = sqlError(failure);
        if (error == null) {
            return explain(failure);
        }
        List<String> facts = new ArrayList<>();
        add(facts, "SQLSTATE ", stateOf(failure));
        ServerErrorMessage server = error instanceof PSQLException known ? known.getServerErrorMessage() : null;
        if (server != null) {
            String schema = server.getSchema();
            add(facts, "table ", schema == null || server.getTable() == null ? null : schema + "." + server.getTable());
            add(facts, "column ", server.getColumn());
            add(facts, "constraint ", server.getConstraint());
            if (!DETAIL_IS_A_ROW.contains(server.getSQLState())) {
                add(facts, "detail: ", server.getDetail());
            }
            add(facts, "hint: ", server.getHint());
        }
        return facts.isEmpty() ? explain(failure) : explain(failure) + " (" + String.join("; ", facts) + ")";
    }

    private static void add(List<String> facts, String name, @Nullable String value) {
        if (value != null && !value.isBlank()) {
            facts.add(name + value.lines().findFirst().orElse("").strip());
        }
    }

    /** The SQLSTATE; null if the failure has none. */
    public static @Nullable String stateOf(@Nullable Throwable failure) {
        Throwable cause = failure;
        while (cause != null) {
            if (cause instanceof SQLException error && error.getSQLState() != null) {
                return error.getSQLState();
            }
            cause = cause.getCause();
        }
        return null;
    }

    private static @Nullable SQLException sqlError(Throwable failure) {
        Throwable cause = failure;
        while (cause != null && !(cause instanceof SQLException)) {
            cause = cause.getCause();
        }
        return (SQLException) cause;
    }

    private static String firstLine(Throwable failure) {
        String message = failure.getMessage();
        return message == null
                ? failure.toString()
                : message.lines().findFirst().orElse("");
    }
}
