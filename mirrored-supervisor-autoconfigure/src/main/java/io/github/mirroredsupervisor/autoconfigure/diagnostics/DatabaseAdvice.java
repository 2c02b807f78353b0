package io.github.mirroredsupervisor.autoconfigure.diagnostics;

import io.github.mirroredsupervisor.internal.postgres.connection.RefusalAdvice;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Advice for a database that cannot be reached or refuses, chosen by the cause of the failure. */
public final class DatabaseAdvice {

    private static final String URL = " in spring.datasource.url or mirrored-supervisor.datasource.url";

    private static final String SILENCE =
            "Check that the database is reachable and that it answers well within mirrored-supervisor.renew-interval. If the application's own"
                    + " connections go through a pooler, set mirrored-supervisor.datasource.url to the database itself.";

    private static final String CONNECTIONS_TAKEN =
            "All connections that the server allows are taken. Each instance needs three to five of them beside its pool: raise max_connections (or the limit of the role or"
                    + " the database), make the pools of the application smaller (spring.datasource.hikari.maximum-pool-size), or end sessions that nobody needs.";

    private static final String STARTING =
            "The server is starting, stopping or recovering. Start the application again when it accepts connections.";

    private static final String DISK_OR_MEMORY =
            "The server is out of disk space, memory or another resource; look into its log.";

    private DatabaseAdvice() {}

    public static String of(Throwable failure) {
        if (caused(failure, UnknownHostException.class)) {
            return "The name of the database's host cannot be resolved. Correct it" + URL
                    + ", or see to it that this machine's name resolution knows it.";
        }
        if (caused(failure, ConnectException.class)) {
            return "Nothing accepts connections at that host and port. Start the database, correct host and port" + URL
                    + ", and see to it that the server listens on that address (listen_addresses) and that no firewall is in between.";
        }
        String state = stateOf(failure);
        if (state == null) {
            return SILENCE;
        }
        String refusal = RefusalAdvice.of(state);
        if (!refusal.isEmpty()) {
            return refusal;
        }
        return switch (state) {
            case "53300" -> CONNECTIONS_TAKEN;
            case "57P01", "57P02", "57P03" -> STARTING;
            default -> state.startsWith("53") ? DISK_OR_MEMORY : SILENCE;
        };
    }

    private static boolean caused(Throwable failure, Class<? extends Throwable> type) {
        Throwable cause = failure;
        while (cause != null) {
            if (type.isInstance(cause)) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
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
