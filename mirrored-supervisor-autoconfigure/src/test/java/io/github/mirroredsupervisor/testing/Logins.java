package io.github.mirroredsupervisor.testing;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Roles that need their password to log in; all other roles of the tests do not. Roles belong to the server, so each
 * has a unique name.
 */
public final class Logins {

    private static final AtomicInteger count = new AtomicInteger();

    private static final List<String> RULES = List.of(
            "host all +asked_for_password all scram-sha-256",
            "local all all trust",
            "host all all all trust",
            "local replication all trust",
            "host replication all all trust");

    private Logins() {}

    /** A role that may log in by a password, and is a member of others without their rights until it says SET ROLE. */
    public static Database login(Database database, String password, String... memberOf) {
        String name = role(database, "login");
        database.execute(
                "alter role " + name + " login noinherit password '" + password.replace("'", "''") + "'",
                "grant asked_for_password to " + name);
        for (String group : memberOf) {
            database.execute("grant " + group + " to " + name);
        }
        return new Database(database.jdbcUrl(), name, password);
    }

    /** A role that may not log in. */
    public static String owner(Database database) {
        return role(database, "owner");
    }

    public static void changePassword(Database login, Database administration, String password) {
        administration
                .jdbc()
                .sql("alter role " + login.username() + " password '" + password.replace("'", "''") + "'")
                .update();
    }

    /** Ends all its sessions, and returns when they are gone. */
    public static void endSessions(Database login, Database administration) {
        administration
                .jdbc()
                .sql("select pg_terminate_backend(pid, 10000) from pg_stat_activity where usename = ?")
                .param(login.username())
                .query(Boolean.class)
                .list();
    }

    private static synchronized String role(Database database, String kind) {
        askForPasswords(database);
        String name = kind + "_" + count.incrementAndGet();
        database.execute("create role " + name);
        return name;
    }

    private static void askForPasswords(Database database) {
        database.execute("""
                        do $$
                        begin
                            if to_regrole('asked_for_password') is null then
                                create role asked_for_password;
                                execute format(
                                    'copy (select unnest(%L::text[])) to %L', RULES, current_setting('hba_file'));
                                perform pg_reload_conf();
                            end if;
                        end
                        $$
                        """.replace("RULES", "array['" + String.join("', '", RULES) + "']"));
    }
}
