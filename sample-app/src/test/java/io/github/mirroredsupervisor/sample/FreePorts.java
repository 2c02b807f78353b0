package io.github.mirroredsupervisor.sample;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/** Ports for the processes of a test. */
public final class FreePorts {

    private static final int RANGE = 1000;

    /** Each JVM of a build has its own range: a process that restarts leaves its port unused for a while. */
    private static final int FIRST = 20_000 + RANGE * (Integer.getInteger("surefire.forkNumber", 0) % 10);

    private FreePorts() {}

    /** The first of several consecutive ports on which no process listens at the moment. */
    public static int inARow(int count) {
        return ThreadLocalRandom.current()
                .ints(FIRST, FIRST + RANGE - count)
                .filter(first -> IntStream.range(first, first + count).allMatch(FreePorts::isFree))
                .findFirst()
                .orElseThrow();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
