package io.github.mirroredsupervisor.testing;

/** A PostgreSQL server of one test's own, to be stopped and started again on the same port with the same data. */
public final class DedicatedPostgres implements AutoCloseable {

    private final TestServer server;

    public DedicatedPostgres() {
        this(300);
    }

    /** One that allows so many connections. */
    public DedicatedPostgres(int connections) {
        this.server = TestServer.create(connections);
    }

    /** Its only database. */
    public Database database() {
        return server.database("postgres");
    }

    /** Sessions are told, and the server shuts down in good order. */
    public void stopFast() {
        server.stopFast();
    }

    /** The server is gone at once, and recovers when it is started again. */
    public void stopImmediate() {
        server.stopImmediate();
    }

    public void start() {
        server.start();
    }

    @Override
    public void close() {
        server.close();
    }
}
