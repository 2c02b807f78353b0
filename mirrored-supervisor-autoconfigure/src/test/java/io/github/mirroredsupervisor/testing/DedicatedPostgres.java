package io.github.mirroredsupervisor.testing;

/** A PostgreSQL server for one test. It can be stopped and started again on the same port with the same data. */
public final class DedicatedPostgres implements AutoCloseable {

    private final TestServer server;

    public DedicatedPostgres() {
        this(300);
    }

    /** A server that allows this many connections. */
    public DedicatedPostgres(int connections) {
        this.server = TestServer.create(connections);
    }

    /** Its only database. */
    public Database database() {
        return server.database("postgres");
    }

    /** Shuts the server down in order: sessions are notified. */
    public void stopFast() {
        server.stopFast();
    }

    /** Kills the server. It recovers when it is started again. */
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
