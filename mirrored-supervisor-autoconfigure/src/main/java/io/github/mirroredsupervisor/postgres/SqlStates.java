package io.github.mirroredsupervisor.postgres;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What failures of the driver and of PostgreSQL mean to this library, and to people. */
final class SqlStates {

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** feature_not_supported, undefined_function, insufficient_privilege, object_not_in_prerequisite_state */
    private static final Set<String> FUNCTION_WITHHELD = Set.of("0A000", "42883", "42501", "55000");

    /** undefined_table, invalid_schema_name */
    private static final Set<String> UNKNOWN_TABLE = Set.of("42P01", "3F000");

    /**
     * Classes: connection_exception, invalid_transaction_state (its time-outs), transaction_rollback, insufficient_resources, object_not_in_prerequisite_state,
     * operator_intervention, system_error, internal_error.
     */
    private static final Set<String> PASSING = Set.of("08", "25", "40", "53", "55", "57", "58", "XX");

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    private SqlStates() {}

    /** Whether a row stayed locked for too long, so that nothing was changed. */
    static boolean isLockTimeout(Throwable failure) {
        return LOCK_NOT_AVAILABLE.equals(stateOf(failure));
    }

    /** Whether the server or its provider does not let this role call a function. */
    static boolean isFunctionWithheld(Throwable failure) {
        String state = stateOf(failure);
        return state != null && FUNCTION_WITHHELD.contains(state);
    }

    static boolean isUnknownTable(Throwable failure) {
        String state = stateOf(failure);
        return state != null && UNKNOWN_TABLE.contains(state);
    }

    static boolean isForbidden(Throwable failure) {
        return INSUFFICIENT_PRIVILEGE.equals(stateOf(failure));
    }

    /**
     * Whether trying again may help. What the driver says of itself carries the class of connection failures, or no state at all; the server's own time-outs, conflicts and
     * shortages pass, and what it does not know, permit or take for valid does not.
     */
    static boolean mayPass(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnsupportedServerException) {
                return false;
            }
        }
        String state = stateOf(failure);
        return state == null || state.length() < 2 || PASSING.contains(state.substring(0, 2));
    }

    /** One line for people: what the driver says, and what it says that this came from. */
    static String explain(Throwable failure) {
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

    private static String firstLine(Throwable failure) {
        String message = failure.getMessage();
        return message == null
                ? failure.toString()
                : message.lines().findFirst().orElse("");
    }

    private static @Nullable String stateOf(Throwable failure) {
        Throwable cause = failure;
        while (cause != null) {
            if (cause instanceof SQLException error && error.getSQLState() != null) {
                return error.getSQLState();
            }
            cause = cause.getCause();
        }
        return null;
    }
}
