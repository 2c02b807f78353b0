package io.github.mirroredsupervisor.sample.measure;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/** A process's access to a {@link FencedResource}, if there is one. Thread-safe. */
public final class FencedResourceClient implements AutoCloseable {

    private final int port;
    private final long pid = ProcessHandle.current().pid();

    /** Guarded by this. */
    private @Nullable Line line;

    /** An open connection. */
    private record Line(Socket socket, DataOutputStream out, DataInputStream in) {}

    /** Connects when first used. A port of 0 means no resource: then every act is accepted. */
    public FencedResourceClient(int port) {
        this.port = port;
    }

    /** Sends one act. Returns whether it was accepted; also false if the resource does not answer. */
    public synchronized boolean use(String child, long token) {
        if (port == 0) {
            return true;
        }
        try {
            Line open = line == null ? connect() : line;
            open.out().writeUTF(child);
            open.out().writeLong(token);
            open.out().writeLong(pid);
            open.out().flush();
            return open.in().readBoolean();
        } catch (IOException e) {
            close();
            return false;
        }
    }

    private Line connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        Line opened = new Line(
                socket,
                new DataOutputStream(new BufferedOutputStream(socket.getOutputStream())),
                new DataInputStream(socket.getInputStream()));
        line = opened;
        return opened;
    }

    @Override
    public synchronized void close() {
        try {
            if (line != null) {
                line.socket().close();
            }
        } catch (IOException e) {
            // Then it is closed.
        }
        line = null;
    }
}
