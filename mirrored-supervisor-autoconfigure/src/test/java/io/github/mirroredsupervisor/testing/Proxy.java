package io.github.mirroredsupervisor.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A TCP proxy before a database, which can fall silent, cut its connections, or pose as a connection pooler. */
public final class Proxy implements AutoCloseable {

    private final URI target;
    private final String tail;
    private final ServerSocket door;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicLong questions = new AtomicLong();
    private final AtomicLong connections = new AtomicLong();
    private volatile boolean frozen;
    private volatile boolean pooler;
    private volatile long delayMillis;

    public Proxy(Database database) {
        try {
            target = URI.create(database.jdbcUrl().substring("jdbc:".length()));
            tail = target.getPath();
            door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("proxy-accept", this::accept);
    }

    public String jdbcUrl() {
        return "jdbc:postgresql://localhost:" + door.getLocalPort() + tail;
    }

    /** From now on nothing passes in either direction, and neither side is notified. */
    public void freeze() {
        frozen = true;
    }

    public void thaw() {
        frozen = false;
    }

    /** From now on new connections see a false backend id, as through a pooler. */
    public void poseAsPooler() {
        pooler = true;
    }

    /** From now on every answer is delayed by this much, also the one to the opening of a connection. */
    public void delay(Duration roundTrip) {
        delayMillis = roundTrip.toMillis();
    }

    /** How many packets clients have sent. */
    public long questions() {
        return questions.get();
    }

    /** How many connections clients have opened. */
    public long connections() {
        return connections.get();
    }

    /** Closes every connection. */
    public void cut() {
        sockets.forEach(Proxy::closeQuietly);
        sockets.clear();
    }

    @Override
    public void close() {
        closeQuietly(door);
        cut();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                connections.incrementAndGet();
                Socket server = new Socket(target.getHost(), target.getPort());
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                sockets.add(client);
                sockets.add(server);
                start("proxy-up", () -> {
                    distance();
                    copy(client, server, questions, false);
                });
                start("proxy-down", () -> copy(server, client, new AtomicLong(), pooler));
            } catch (IOException e) {
                closeQuietly(door);
            }
        }
    }

    private void copy(Socket from, Socket to, AtomicLong packets, boolean disguise) {
        byte[] buffer = new byte[8192];
        boolean disguised = !disguise;
        boolean answers = packets != questions;
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int count = in.read(buffer);
            while (count >= 0) {
                packets.incrementAndGet();
                disguised = disguised || disguiseBackendKey(buffer, count);
                if (answers) {
                    distance();
                }
                if (!frozen) {
                    out.write(buffer, 0, count);
                }
                count = in.read(buffer);
            }
        } catch (IOException e) {
            // The connection was cut, and its other half is closed too.
        } finally {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private void distance() {
        try {
            Thread.sleep(delayMillis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** BackendKeyData is the letter K, the length 12, the process id and a key. */
    private static boolean disguiseBackendKey(byte[] bytes, int count) {
        for (int i = 0; i + 9 <= count; i++) {
            if (bytes[i] == 'K' && bytes[i + 1] == 0 && bytes[i + 2] == 0 && bytes[i + 3] == 0 && bytes[i + 4] == 12) {
                bytes[i + 5] ^= 0x11;
                return true;
            }
        }
        return false;
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception e) {
            // Then it is closed.
        }
    }
}
