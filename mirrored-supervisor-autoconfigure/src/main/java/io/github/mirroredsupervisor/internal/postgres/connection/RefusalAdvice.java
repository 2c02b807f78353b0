package io.github.mirroredsupervisor.internal.postgres.connection;

import org.jspecify.annotations.Nullable;

/** What people can do about a refusal of the server. Thread-safe. */
public final class RefusalAdvice {

    private static final String RIGHTS =
            "Grant the role USAGE on schema mirrored_supervisor and on its sequences, and SELECT, INSERT, UPDATE and DELETE on its tables.";

    private static final String SCHEMA =
            "The schema mirrored_supervisor is missing, incomplete or of another version: let it be migrated (mirrored-supervisor.schema.migrate=true), or"
                    + " compare it with the DDL that this version needs. Check also that the URL names the right database.";

    private static final String CREDENTIALS =
            "Check the user and the password of the connection: mirrored-supervisor.datasource.username and .password, or those of the application's data source.";

    private RefusalAdvice() {}

    /** One or two sentences without line breaks. Empty if there is no advice beyond the server's own message. */
    public static String of(@Nullable String sqlState) {
        if (sqlState == null || sqlState.length() < 2) {
            return "";
        }
        return switch (sqlState) {
            case "42501" -> RIGHTS;
            case "28P01" -> CREDENTIALS;
            case "28000" ->
                CREDENTIALS
                        + " The role must exist and be allowed to log in, and pg_hba.conf must admit it from this host to this database.";
            case "3D000" -> "Create the database, or correct its name in the URL.";
            case "23505" ->
                "A row with the same key is in the way. If somebody writes to the tables of schema mirrored_supervisor by hand or restored them, remove that row or set"
                        + " the sequences above the values in the tables.";
            case "22023" -> "Correct the URL, the property or the setting that the message names.";
            case "22P05", "22021" ->
                "A text holds a character that the database's encoding cannot store; use a database with encoding UTF8.";
            default -> ofClass(sqlState.substring(0, 2));
        };
    }

    private static String ofClass(String sqlClass) {
        return switch (sqlClass) {
            case "28" -> CREDENTIALS;
            case "3F", "42" -> SCHEMA;
            case "22" ->
                "A value does not fit where it was to be stored, or a row of schema mirrored_supervisor was edited to a value that cannot be used.";
            case "23", "44" ->
                "Look at the constraint: it is one of schema mirrored_supervisor that the rows break, or one that somebody added to it.";
            case "38", "39", "P0", "09", "27" ->
                "A trigger or a function that somebody added to the tables of schema mirrored_supervisor objects; remove it.";
            case "54" -> "An id, a spec or a message is larger than the server takes.";
            case "58", "XX" -> "Look into the server's log: it has trouble of its own.";
            default -> "";
        };
    }
}
