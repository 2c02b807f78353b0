package io.github.mirroredsupervisor.sample.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TcpProxyTests {

    private static final int PATIENCE_MILLIS = 5_000;
    private static final int MOMENT_MILLIS = 100;
    private static final byte[] STARTUP =
            "user\0postgres\0application_name\0renew node-1\0\0".getBytes(StandardCharsets.US_ASCII);
    private static final Predicate<String> RENEW = name -> name.startsWith("renew");

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
        client.getOutputStream().write(STARTUP);
        assertThat(server.getInputStream().readNBytes(STARTUP.length)).isEqualTo(STARTUP);
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

        assertThat(proxy.reset(RENEW, towards)).isOne();

        assertThatIOException().isThrownBy(() -> victim.getInputStream().read()).withMessageContaining("reset");
        other.getOutputStream().write(3);
        other.setSoTimeout(MOMENT_MILLIS);
        assertThatIOException()
                .isThrownBy(() -> other.getInputStream().read())
                .isInstanceOf(SocketTimeoutException.class);
    }

    @ParameterizedTest
    @EnumSource
    void holdsOneDirectionAndDeliversLater(Side towards) throws IOException {
        Socket sender = towards == Side.CLIENT ? server : client;
        Socket receiver = towards == Side.CLIENT ? client : server;
        proxy.becomes(towards == Side.CLIENT ? Weather.HOLDS_REPLIES : Weather.HOLDS_REQUESTS, RENEW);

        sender.getOutputStream().write(5);
        receiver.getOutputStream().write(6);

        assertThat(sender.getInputStream().read()).isEqualTo(6);
        receiver.setSoTimeout(MOMENT_MILLIS);
        assertThatIOException()
                .isThrownBy(() -> receiver.getInputStream().read())
                .isInstanceOf(SocketTimeoutException.class);
        receiver.setSoTimeout(PATIENCE_MILLIS);
        proxy.becomes(Weather.FAIR, RENEW);
        assertThat(receiver.getInputStream().read()).isEqualTo(5);
    }

    @Test
    void aPartitionHidesTheEndToo() throws IOException {
        proxy.becomes(Weather.PARTITION, RENEW);
        client.close();
        server.setSoTimeout(MOMENT_MILLIS);
        assertThatIOException()
                .isThrownBy(() -> server.getInputStream().read())
                .isInstanceOf(SocketTimeoutException.class);
        server.setSoTimeout(PATIENCE_MILLIS);
        proxy.becomes(Weather.FAIR, RENEW);
        assertThat(server.getInputStream().read()).isNegative();
    }

    @Test
    void delaysWhatPasses() throws IOException {
        proxy.becomes(Weather.slow(Duration.ofMillis(MOMENT_MILLIS)), RENEW);
        long sent = System.nanoTime();
        client.getOutputStream().write(7);
        assertThat(server.getInputStream().read()).isEqualTo(7);
        assertThat(Duration.ofNanos(System.nanoTime() - sent)).isGreaterThanOrEqualTo(Duration.ofMillis(MOMENT_MILLIS));
    }

    @Test
    void acceptsAndNeverAnswersWhileItIsDeaf() throws IOException {
        proxy.deaf(true);
        try (Socket second = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            second.setSoTimeout(MOMENT_MILLIS);
            second.getOutputStream().write(STARTUP);
            assertThatIOException()
                    .isThrownBy(() -> second.getInputStream().read())
                    .isInstanceOf(SocketTimeoutException.class);
        }
        server.getOutputStream().write(8);
        assertThat(client.getInputStream().read()).isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void somethingHappensOnceAtACertainRequest(boolean delivers) throws IOException {
        AtomicInteger times = new AtomicInteger();
        proxy.arm(new Tripwire(RENEW, 2, delivers, times::incrementAndGet));
        request(11);
        assertThat(times).hasValue(0);

        client.getOutputStream().write(12);

        assertThat(server.getInputStream().read()).isEqualTo(delivers ? 12 : -1);
        await().atMost(Duration.ofMillis(PATIENCE_MILLIS)).until(() -> times.get() == 1);
        if (delivers) {
            request(13);
            assertThat(times).hasValue(1);
        }
    }

    @Test
    void aWireThatIsTakenAwayOrForOthersDoesNotTrip() throws IOException {
        proxy.arm(new Tripwire(RENEW.negate(), 1, true, () -> fail("of another name")));
        request(14);
        proxy.arm(new Tripwire(RENEW, 2, true, () -> fail("taken away")));
        request(15);
        proxy.disarm();
        request(16);
        request(17);
    }

    private void request(int one) throws IOException {
        client.getOutputStream().write(one);
        assertThat(server.getInputStream().read()).isEqualTo(one);
    }

    @Test
    void leavesOtherConnectionsAlone() throws IOException {
        assertThat(proxy.reset(RENEW.negate(), Side.CLIENT)).isZero();
        server.getOutputStream().write(4);
        assertThat(client.getInputStream().read()).isEqualTo(4);
    }
}
