package io.github.mirroredsupervisor.sample.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** Forwards connections to a PostgreSQL, and disturbs those with the given application names. Thread-safe. */
public final class TcpProxy implements AutoCloseable {

    private static final int BACKLOG = 50;

    private final ServerSocket door;
    private final List<ProxiedConnection> connections = new CopyOnWriteArrayList<>();
    private final List<Socket> unanswered = new CopyOnWriteArrayList<>();

    private volatile InetSocketAddress server;
    private volatile boolean deaf;
    private volatile Tripwire wire = Tripwire.NONE;

    /** Guarded by this. */
    private Predicate<String> disturbed = name -> false;

    /** Guarded by this. */
    private Weather weather = Weather.FAIR;

    /** Listens on a free port of the loopback interface. */
    public TcpProxy(InetSocketAddress server) {
        this.server = server;
        try {
            this.door = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("No port to listen on", e);
        }
        ProxiedConnection.thread("proxy-" + door.getLocalPort(), this::accept);
    }

    public int port() {
        return door.getLocalPort();
    }

    /** Forwards new connections to that address from now on. */
    public void leadTo(InetSocketAddress other) {
        server = other;
    }

    /** Present and future connections of these names have this weather from now on; all others have fair weather. */
    public synchronized void becomes(Weather next, Predicate<String> names) {
        disturbed = names;
        weather = next;
        connections.forEach(this::adapt);
    }

    private synchronized void adapt(ProxiedConnection connection) {
        connection.becomes(disturbed.test(connection.name()) ? weather : Weather.FAIR);
    }

    /** Replaces the previous wire. */
    public void arm(Tripwire next) {
        wire = next;
    }

    public void disarm() {
        wire = Tripwire.NONE;
    }

    /** Whether new connections are accepted and then never answered. */
    public void deaf(boolean isDeaf) {
        deaf = isDeaf;
        if (!isDeaf) {
            unanswered.forEach(ProxiedConnection::closeQuietly);
            unanswered.clear();
        }
    }

    /**
     * Resets the connections of these names towards one side only. The other side is not notified, and what it sends is
     * not read. Returns how many connections were reset.
     */
    public int reset(Predicate<String> names, Side towards) {
        connections.removeIf(ProxiedConnection::isOver);
        List<ProxiedConnection> chosen = connections.stream()
                .filter(connection -> names.test(connection.name()))
                .toList();
        chosen.forEach(connection -> connection.reset(towards));
        return chosen.size();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                if (deaf) {
                    unanswered.add(client);
                } else {
                    connect(client);
                }
            } catch (IOException e) {
                if (!door.isClosed()) {
                    ProxiedConnection.closeQuietly(door);
                }
            }
        }
    }

    /** If the server refuses the connection, the client's connection is closed too. */
    private void connect(Socket client) {
        Socket onwards = new Socket();
        try {
            onwards.connect(server);
            connections.removeIf(ProxiedConnection::isOver);
            ProxiedConnection connection = new ProxiedConnection(client, onwards, () -> wire);
            connections.add(connection); // before anything passes: a test that sees an answer may then disturb it
            connection.start(() -> adapt(connection));
        } catch (IOException e) {
            ProxiedConnection.closeQuietly(onwards);
            ProxiedConnection.closeQuietly(client);
        }
    }

    /** Accepts no more connections, and closes the open ones. */
    @Override
    public void close() {
        ProxiedConnection.closeQuietly(door);
        deaf(false);
        connections.forEach(ProxiedConnection::close);
    }
}
