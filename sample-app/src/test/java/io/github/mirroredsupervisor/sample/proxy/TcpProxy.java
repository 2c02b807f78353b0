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

/**
 * Passes connections on to a PostgreSQL, and lets those be disturbed whose application name is wanted. Thread-safe.
 */
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

    /** New connections lead there from now on. */
    public void leadTo(InetSocketAddress other) {
        server = other;
    }

    /**
     * The connections of these names, those there are and those that come, have this weather from now on; all others
     * have fair weather.
     */
    public synchronized void becomes(Weather next, Predicate<String> names) {
        disturbed = names;
        weather = next;
        connections.forEach(this::adapt);
    }

    private synchronized void adapt(ProxiedConnection connection) {
        connection.becomes(disturbed.test(connection.name()) ? weather : Weather.FAIR);
    }

    /** In the place of the wire that was there before. */
    public void arm(Tripwire next) {
        wire = next;
    }

    public void disarm() {
        wire = Tripwire.NONE;
    }

    /** Whether new connections are accepted, and then nobody answers them, ever. */
    public void deaf(boolean isDeaf) {
        deaf = isDeaf;
        if (!isDeaf) {
            unanswered.forEach(ProxiedConnection::closeQuietly);
            unanswered.clear();
        }
    }

    /**
     * Resets the connections of these names towards one side only; the other side is told nothing, and nobody reads
     * what it sends. Returns how many there were.
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

    /** A server that is away refuses the client too. */
    private void connect(Socket client) {
        Socket onwards = new Socket();
        try {
            onwards.connect(server);
            connections.removeIf(ProxiedConnection::isOver);
            ProxiedConnection connection = new ProxiedConnection(client, onwards, () -> wire);
            connections.add(connection); // before anything passes, which shows that it is there
            connection.start(() -> adapt(connection));
        } catch (IOException e) {
            ProxiedConnection.closeQuietly(onwards);
            ProxiedConnection.closeQuietly(client);
        }
    }

    /** Takes no more connections, and closes those there are. */
    @Override
    public void close() {
        ProxiedConnection.closeQuietly(door);
        deaf(false);
        connections.forEach(ProxiedConnection::close);
    }
}
