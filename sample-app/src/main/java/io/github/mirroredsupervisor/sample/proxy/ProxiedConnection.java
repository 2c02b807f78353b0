package io.github.mirroredsupervisor.sample.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** Two sockets and what passes between them. An end of one side is passed on to the other, unless the connection is disturbed. Thread-safe. */
final class ProxiedConnection {

    private static final int BUFFER = 8192;

    private final Socket client;
    private final Socket server;
    private final AtomicInteger open = new AtomicInteger(2);

    /** Nothing passes any more, and neither side is told of the other's end. */
    private volatile boolean severed;

    /** Nothing passes yet. */
    ProxiedConnection(Socket client, Socket server) throws IOException {
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        this.client = client;
        this.server = server;
    }

    void start() {
        thread("proxy-to-server", () -> copy(client, server));
        thread("proxy-to-client", () -> copy(server, client));
    }

    int serverSidePort() {
        return server.getLocalPort();
    }

    boolean isOver() {
        return open.get() == 0 && client.isClosed() && server.isClosed();
    }

    /** A close that does not linger is a reset. The other socket stays open. */
    void reset(Side towards) {
        severed = true;
        Socket victim = towards == Side.CLIENT ? client : server;
        try {
            victim.setSoLinger(true, 0);
        } catch (IOException e) {
            return; // it has ended by itself
        }
        closeQuietly(victim);
    }

    void close() {
        closeQuietly(client);
        closeQuietly(server);
    }

    private void copy(Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (!severed) {
                    out.write(buffer, 0, count);
                }
            }
        } catch (IOException e) {
            // One side is gone, and so is the other, unless it is not to know.
        } finally {
            open.decrementAndGet();
            if (!severed) {
                close();
            }
        }
    }

    static void thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    static void closeQuietly(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception e) {
            // It is closed then.
        }
    }
}
