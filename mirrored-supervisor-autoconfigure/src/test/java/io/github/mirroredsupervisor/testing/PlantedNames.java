package io.github.mirroredsupervisor.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A database in which another role has created code under the name of every function and operator that the library's
 * statements use, for all possible types of arguments, and under the names of the types and views. Each call of such
 * code is recorded, also if the transaction is rolled back.
 */
public final class PlantedNames {

    /** The files that have statements: this module's sources and scripts. */
    private static final Path SOURCES = Path.of("src/main");

    private static final Pattern QUALIFIED = Pattern.compile("pg_catalog\\.(\\w+)\\s*\\(");

    /** What Flyway, Spring Integration and the driver call on our connections. */
    private static final List<String> OF_LIBRARIES = List.of(
            "set_config",
            "current_setting",
            "version",
            "now",
            "count",
            "max",
            "current_schema",
            "current_database",
            "pg_try_advisory_lock",
            "pg_try_advisory_xact_lock",
            "pg_advisory_lock",
            "pg_advisory_unlock",
            "current_schemas",
            "format_type",
            "pg_get_userbyid",
            "has_schema_privilege",
            "to_regclass",
            "unnest",
            "substr",
            "coalesce",
            "length",
            "upper",
            "lower");

    private static final List<String> TYPES = List.of(
            "text",
            "varchar",
            "bpchar",
            "name",
            "int2",
            "int4",
            "int8",
            "numeric",
            "float8",
            "bool",
            "uuid",
            "timestamptz",
            "timestamp",
            "interval",
            "jsonb",
            "oid",
            "regclass");

    private static final List<String> TYPES_OF_MANY =
            List.of("text", "varchar", "int4", "int8", "bool", "numeric", "interval", "oid");

    private static final List<String> COMPARISONS = List.of("=", "<>", "<", ">", "<=", ">=");

    private static final List<String> OTHERS = List.of("+", "-", "*", "/", "||", "->", "->>", "%", "~~");

    private static final List<String> SHADOWED_TYPES =
            List.of("text", "uuid", "jsonb", "timestamptz", "regclass", "int8", "int4", "bool", "name", "varchar");

    private static final List<String> SHADOWED_VIEWS =
            List.of("pg_stat_activity", "pg_locks", "pg_namespace", "pg_class");

    private final Database administration;

    private PlantedNames(Database administration) {
        this.administration = administration;
    }

    /**
     * Plants in an empty database, for a role that may create the schema of the mirrored supervisor, and whose search
     * path has the planted names first.
     */
    public static PlantedNames in(Database administration, String role) {
        PlantedNames planted = new PlantedNames(administration);
        planted.create(role);
        return planted;
    }

    /** The planted code that was called last; empty if none was. */
    public List<String> called() {
        return administration
                .jdbc()
                .sql(
                        "select p.name from public.planted p, public.called c where c.is_called and p.number = c.last_value")
                .query(String.class)
                .list();
    }

    /** Forgets all recorded calls. */
    public void forget() {
        administration
                .jdbc()
                .sql("select pg_catalog.setval('public.called', 1, false)")
                .query(Long.class)
                .single();
    }

    private void create(String role) {
        StringBuilder script = new StringBuilder();
        script.append("set search_path = pg_catalog;\n")
                .append("create sequence public.called;\n")
                .append("create table public.planted (number bigint primary key, name text);\n");
        List<String> names = new ArrayList<>();
        for (String operator : COMPARISONS) {
            TYPES.forEach(left -> TYPES.forEach(right -> operator(script, names, operator, left, right, "bool")));
        }
        for (String operator : OTHERS) {
            TYPES.forEach(left -> TYPES.forEach(right -> operator(script, names, operator, left, right, left)));
        }
        for (String function : functions()) {
            function(script, names, function, List.of());
            TYPES.forEach(one -> function(script, names, function, List.of(one)));
            TYPES_OF_MANY.forEach(
                    one -> TYPES_OF_MANY.forEach(two -> function(script, names, function, List.of(one, two))));
        }
        for (String function : List.of("set_config", "substr")) {
            TYPES_OF_MANY.forEach(one -> TYPES_OF_MANY.forEach(two ->
                    TYPES_OF_MANY.forEach(three -> function(script, names, function, List.of(one, two, three)))));
        }
        for (String type : SHADOWED_TYPES) {
            int number = number(names, "type " + type);
            script.append("create function public.checked_")
                    .append(number)
                    .append("() returns bool")
                    .append(body(number, "true"));
            script.append("create domain public.")
                    .append(type)
                    .append(" as pg_catalog.")
                    .append(type)
                    .append(" check (public.checked_")
                    .append(number)
                    .append("());\n");
        }
        for (String view : SHADOWED_VIEWS) {
            int number = number(names, "view " + view);
            script.append("create function public.viewed_")
                    .append(number)
                    .append("() returns bool")
                    .append(body(number, "true"));
            script.append("create view public.")
                    .append(view)
                    .append(" as select * from pg_catalog.")
                    .append(view)
                    .append(" where public.viewed_")
                    .append(number)
                    .append("();\n");
        }
        for (int number = 1; number <= names.size(); number++) {
            script.append("insert into public.planted values (")
                    .append(number)
                    .append(", '")
                    .append(names.get(number - 1))
                    .append("');\n");
        }
        script.append("grant usage on schema public to public;\n")
                .append("grant all on all sequences in schema public to public;\n")
                .append("grant select on all tables in schema public to public;\n");
        administration
                .jdbc()
                .sql("create role " + role + " login password '" + role + "'")
                .update();
        administration
                .jdbc()
                .sql("grant create on database " + administration.name() + " to " + role)
                .update();
        administration.execute("grant pg_read_all_stats to " + role);
        execute(List.of(script.toString().split("(?<=;)\n")));
        administration
                .jdbc()
                .sql("alter role " + role + " in database " + administration.name()
                        + " set search_path = public, pg_catalog")
                .update();
    }

    private void execute(List<String> statements) {
        try (Connection connection = administration.connect();
                Statement batch = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String statement : statements) {
                batch.addBatch(statement);
            }
            batch.executeBatch();
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException("Could not plant", e.getNextException() == null ? e : e.getNextException());
        }
    }

    private static void operator(
            StringBuilder script, List<String> names, String operator, String left, String right, String result) {
        int number = number(names, left + " " + operator + " " + right);
        String function = "public.operator_" + number;
        script.append("create function ")
                .append(function)
                .append("(pg_catalog.")
                .append(left)
                .append(", pg_catalog.")
                .append(right)
                .append(") returns pg_catalog.")
                .append(result)
                .append(body(number, "null"));
        script.append("create operator public.")
                .append(operator)
                .append(" (leftarg = pg_catalog.")
                .append(left)
                .append(", rightarg = pg_catalog.")
                .append(right)
                .append(", function = ")
                .append(function)
                .append(");\n");
    }

    private static void function(StringBuilder script, List<String> names, String function, List<String> types) {
        String arguments = String.join(
                ", ", types.stream().map(type -> "pg_catalog." + type).toList());
        int number = number(names, function + "(" + String.join(", ", types) + ")");
        script.append("create function public.\"")
                .append(function)
                .append("\"(")
                .append(arguments)
                .append(") returns pg_catalog.text")
                .append(body(number, "null"));
    }

    private static String body(int number, String result) {
        return " language plpgsql volatile as $body$ begin perform pg_catalog.setval('public.called'::pg_catalog.regclass, "
                + number + "::pg_catalog.int8); return " + result + "; end $body$;\n";
    }

    private static int number(List<String> names, String name) {
        names.add(name);
        return names.size();
    }

    /** The functions that the sources call, all of which name their schema, and those of the libraries. */
    private static Set<String> functions() {
        Set<String> names = new TreeSet<>(OF_LIBRARIES);
        try (Stream<Path> files = Files.walk(SOURCES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (file.toString().endsWith(".java") || file.toString().endsWith(".sql")) {
                    Matcher matcher = QUALIFIED.matcher(Files.readString(file));
                    while (matcher.find()) {
                        names.add(matcher.group(1));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }
}
