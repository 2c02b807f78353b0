package io.github.mirroredsupervisor.sample.measure;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;

/**
 * A resource outside the database that knows only fencing tokens: it refuses an act whose token is smaller than one
 * that it has seen. Thread-safe.
 *
 * <p>An act consists of the child's id, its token and its process, as {@link FencedResourceClient} sends them. The
 * answer is whether it was accepted.
 */
public final class FencedResource implements AutoCloseable {

    private static final int BACKLOG = 50;

    private final ServerSocket door;

    /** Guarded by this. */
    private final Map<String, Use> newest = new HashMap<>();

    private long accepted;
    private long rejected;
    private long shared;

    private record Use(long token, long pid) {}

    /**
     * What happened so far.
     *
     * @param accepted acts with the newest token
     * @param rejected acts with an older one
     * @param shared acts with a token that another process had used
     */
    public record Report(long accepted, long rejected, long shared) {}

    /** Listens on a free port of the loopback interface. */
    public FencedResource() {
        try {
            this.door = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("No port to listen on", e);
        }
        thread("fenced-resource", this::accept);
    }

    public int port() {
        return door.getLocalPort();
    }

    public synchronized Report report() {
        return new Report(accepted, rejected, shared);
    }

    synchronized boolean use(String child, long token, long pid) {
        Use use = new Use(token, pid);
        Use before = newest.get(child);
        if (before != null && token < before.token()) {
            rejected++;
            return false;
        }
        if (before != null && token == before.token() && pid != before.pid()) {
            shared++;
        }
        newest.put(child, use);
        accepted++;
        return true;
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                thread("fenced-resource-" + client.getPort(), () -> serve(client));
            } catch (IOException e) {
                // It was closed.
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                DataInputStream in = new DataInputStream(client.getInputStream());
                DataOutputStream out = new DataOutputStream(client.getOutputStream())) {
            client.setTcpNoDelay(true);
            while (true) {
                out.writeBoolean(use(in.readUTF(), in.readLong(), in.readLong()));
            }
        } catch (IOException e) {
            // The client has closed the connection.
        }
    }

    private static void thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
