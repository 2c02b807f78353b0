package io.github.mirroredsupervisor.sample.proxy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Passes connections on to a server, and lets each of them be disturbed by itself. A connection is named by the port from which it reaches the server, which the server knows
 * too. Thread-safe.
 */
public final class TcpProxy implements AutoCloseable {

    private static final int BACKLOG = 50;

    private final InetSocketAddress server;
    private final ServerSocket door;
    private final List<ProxiedConnection> connections = new CopyOnWriteArrayList<>();

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

    /** Resets some connections towards one side only; the other side is told nothing, and nobody reads what it sends. Returns how many there were. */
    public int reset(Set<Integer> serverSidePorts, Side towards) {
        List<ProxiedConnection> chosen = chosen(serverSidePorts);
        chosen.forEach(connection -> connection.reset(towards));
        return chosen.size();
    }

    private List<ProxiedConnection> chosen(Set<Integer> serverSidePorts) {
        return connections.stream()
                .filter(connection -> serverSidePorts.contains(connection.serverSidePort()))
                .toList();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                connect(client);
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
            ProxiedConnection connection = new ProxiedConnection(client, onwards);
            connections.add(connection); // before anything passes, which shows that it is there
            connection.start();
        } catch (IOException e) {
            ProxiedConnection.closeQuietly(onwards);
            ProxiedConnection.closeQuietly(client);
        }
    }

    /** Takes no more connections, and closes those there are. */
    @Override
    public void close() {
        ProxiedConnection.closeQuietly(door);
        connections.forEach(ProxiedConnection::close);
    }
}
