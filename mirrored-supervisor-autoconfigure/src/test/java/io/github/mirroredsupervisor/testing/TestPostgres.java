package io.github.mirroredsupervisor.testing;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** One PostgreSQL server for all tests of this JVM, with a new database for each request. Thread-safe. */
public final class TestPostgres {

    private static final AtomicInteger count = new AtomicInteger();
    private static final Map<Class<?>, Database> shared = new ConcurrentHashMap<>();

    private TestPostgres() {}

    /** An empty database. */
    public static Database emptyDatabase() {
        return create("template1");
    }

    /** A database with the schema of the mirrored supervisor. */
    public static Database migratedDatabase() {
        return create(Template.name());
    }

    /**
     * The database with the schema of the mirrored supervisor that the tests of a class share. It is returned without
     * rows and sessions, which is much cheaper than a new one for each test.
     */
    public static Database clearedDatabase(Class<?> tests) {
        Database database = shared.computeIfAbsent(tests, any -> migratedDatabase());
        clear(database);
        return database;
    }

    private static void clear(Database database) {
        Database administration = Shared.SERVER.database("postgres");
        administration
                .jdbc()
                .sql("alter database " + database.name() + " reset all")
                .update();
        administration
                .jdbc()
                .sql("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = ?")
                .param(database.name())
                .query(Boolean.class)
                .list();
        database.execute("truncate mirrored_supervisor.peer, mirrored_supervisor.supervision_group,"
                + " mirrored_supervisor.member, mirrored_supervisor.child, mirrored_supervisor.history,"
                + " mirrored_supervisor.removed_child,"
                + " mirrored_supervisor.int_lock");
    }

    private static Database create(String template) {
        String name = "test_" + count.incrementAndGet();
        synchronized (TestPostgres.class) { // a template cannot be copied twice at the same time
            Shared.SERVER
                    .database("postgres")
                    .jdbc()
                    .sql("create database " + name + " template " + template)
                    .update();
        }
        return Shared.SERVER.database(name);
    }

    /** Starts at the first use. */
    private static final class Shared {

        static final TestServer SERVER = TestServer.create();
    }

    /** Is migrated at the first use. */
    private static final class Template {

        private static final String NAME = "mirrored_supervisor_template";

        static {
            Shared.SERVER
                    .database("postgres")
                    .jdbc()
                    .sql("create database " + NAME)
                    .update();
            Shared.SERVER.database(NAME).migrated();
        }

        static String name() {
            return NAME;
        }
    }
}
