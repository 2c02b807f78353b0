package io.github.mirroredsupervisor.sample.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TcpProxyTests {

    private static final int PATIENCE_MILLIS = 5_000;
    private static final int MOMENT_MILLIS = 100;

    private ServerSocket listening;
    private TcpProxy proxy;
    private Socket client;
    private Socket server;

    @BeforeEach
    void connect() throws IOException {
        listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        proxy = new TcpProxy(new InetSocketAddress(listening.getInetAddress(), listening.getLocalPort()));
        client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        server = listening.accept();
        client.setSoTimeout(PATIENCE_MILLIS);
        server.setSoTimeout(PATIENCE_MILLIS);
        client.getOutputStream().write(1);
        assertThat(server.getInputStream().read()).isEqualTo(1);
    }

    @AfterEach
    void disconnect() throws IOException {
        proxy.close();
        client.close();
        server.close();
        listening.close();
    }

    @Test
    void passesOnWhatIsSentAndTheEnd() throws IOException {
        server.getOutputStream().write(2);
        assertThat(client.getInputStream().read()).isEqualTo(2);
        client.close();
        assertThat(server.getInputStream().read()).isNegative();
    }

    @ParameterizedTest
    @EnumSource
    void resetsOneSideAndTellsTheOtherNothing(Side towards) throws IOException {
        Socket victim = towards == Side.CLIENT ? client : server;
        Socket other = towards == Side.CLIENT ? server : client;

        assertThat(proxy.reset(Set.of(server.getPort()), towards)).isOne();

        assertThatIOException().isThrownBy(() -> victim.getInputStream().read()).withMessageContaining("reset");
        other.getOutputStream().write(3);
        other.setSoTimeout(MOMENT_MILLIS);
        assertThatIOException()
                .isThrownBy(() -> other.getInputStream().read())
                .isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void leavesOtherConnectionsAlone() throws IOException {
        assertThat(proxy.reset(Set.of(server.getPort() + 1), Side.CLIENT)).isZero();
        server.getOutputStream().write(4);
        assertThat(client.getInputStream().read()).isEqualTo(4);
    }
}
