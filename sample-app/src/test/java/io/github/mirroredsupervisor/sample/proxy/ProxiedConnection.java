package io.github.mirroredsupervisor.sample.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Copies bytes between two sockets, as the weather allows. When one side ends, the other is closed too, unless the
 * connection was reset. Its name is the client's application name. Thread-safe.
 */
final class ProxiedConnection {

    private static final int BUFFER = 8192;

    /** The application name in the startup message, or in a statement soon after it. */
    private static final Pattern NAME =
            Pattern.compile("application_name(?:\0|\\s*=\\s*')([^\0']*)[\0']", Pattern.CASE_INSENSITIVE);

    private final Socket client;
    private final Socket server;
    private final Supplier<Tripwire> wire;
    private final AtomicInteger open = new AtomicInteger(2);

    /** Guarded by this. */
    private Weather weather = Weather.FAIR;

    private volatile String name = "";

    /** Nothing passes any more, and the end of one side does not close the other. */
    private volatile boolean severed;

    /** Nothing passes before {@link #start}. */
    ProxiedConnection(Socket client, Socket server, Supplier<Tripwire> wire) throws IOException {
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        this.client = client;
        this.server = server;
        this.wire = wire;
    }

    void start(Runnable named) {
        thread("proxy-to-server", () -> copy(Side.SERVER, named));
        thread("proxy-to-client", () -> copy(Side.CLIENT, named));
    }

    /** Empty until the client has sent it. */
    String name() {
        return name;
    }

    boolean isOver() {
        return open.get() == 0 && client.isClosed() && server.isClosed();
    }

    synchronized void becomes(Weather next) {
        weather = next;
        notifyAll();
    }

    /** Closing a socket with a linger time of 0 resets the connection. The other socket stays open. */
    void reset(Side towards) {
        severed = true;
        Socket victim = towards == Side.CLIENT ? client : server;
        try {
            victim.setSoLinger(true, 0);
        } catch (IOException e) {
            return; // it has already ended
        }
        closeQuietly(victim);
    }

    void close() {
        becomes(Weather.FAIR);
        closeQuietly(client);
        closeQuietly(server);
    }

    private void copy(Side towards, Runnable named) {
        Socket from = towards == Side.SERVER ? client : server;
        Socket to = towards == Side.SERVER ? server : client;
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (towards == Side.SERVER && name.isEmpty()) {
                    learnName(new String(buffer, 0, count, StandardCharsets.ISO_8859_1), named);
                }
                pass(towards);
                deliver(towards, out, buffer, count);
            }
            pass(towards);
        } catch (IOException e) {
            // One side has ended. The other is closed below, unless the connection was reset.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.decrementAndGet();
            if (!severed) {
                closeQuietly(client);
                closeQuietly(server);
            }
        }
    }

    private void deliver(Side towards, OutputStream out, byte[] buffer, int count) throws IOException {
        Tripwire wire = this.wire.get();
        boolean tripped = towards == Side.SERVER && wire.isTripped(name);
        if (tripped && !wire.delivers()) {
            wire.act();
            throw new IOException("It does not arrive");
        }
        if (!severed) {
            out.write(buffer, 0, count);
        }
        if (tripped) {
            wire.act();
        }
    }

    private void learnName(String said, Runnable named) {
        Matcher matcher = NAME.matcher(said);
        if (matcher.find()) {
            name = matcher.group(1);
            named.run();
        }
    }

    /** Waits while the weather holds or delays what passes. */
    private synchronized void pass(Side towards) throws InterruptedException {
        long arrives = System.nanoTime() + weather.delay().toNanos();
        for (long left = arrives - System.nanoTime();
                left > 0 || weather.holds(towards);
                left = arrives - System.nanoTime()) {
            wait(weather.holds(towards) ? 0 : left / 1_000_000 + 1);
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
            // Then it is closed.
        }
    }
}
