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
