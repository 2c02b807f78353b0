package io.github.mirroredsupervisor.sample.page;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class LoopbackGuardTests {

    private final MockHttpServletRequest request = new MockHttpServletRequest("POST", "/api/nodes/1/kill");
    private final MockHttpServletResponse response = new MockHttpServletResponse();
    private final MockFilterChain chain = new MockFilterChain();

    private boolean lets() throws ServletException, IOException {
        new LoopbackGuard().doFilter(request, response, chain);
        assertThat(response.getStatus()).isEqualTo(chain.getRequest() != null ? 200 : 403);
        return chain.getRequest() != null;
    }

    @Test
    void letsThePageAct() throws Exception {
        request.addHeader("Host", "localhost:8080");
        request.addHeader("Origin", "http://localhost:8080");
        request.addHeader(LoopbackGuard.HEADER, "page");
        assertThat(lets()).isTrue();
        assertThat(response.getHeader("Content-Security-Policy")).startsWith("default-src 'self'");
    }

    @Test
    void letsCurlActWithTheHeader() throws Exception {
        request.addHeader("Host", "127.0.0.1:8080");
        request.addHeader(LoopbackGuard.HEADER, "me");
        assertThat(lets()).isTrue();
    }

    @Test
    void refusesAForeignOrigin() throws Exception {
        request.addHeader("Host", "localhost:8080");
        request.addHeader("Origin", "http://evil.example");
        request.addHeader(LoopbackGuard.HEADER, "page");
        assertThat(lets()).isFalse();
    }

    @Test
    void refusesAFormWithoutTheHeader() throws Exception {
        request.addHeader("Host", "localhost:8080");
        assertThat(lets()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example:8080", "localhost.evil.example", "10.0.0.1:8080", ""})
    void refusesForeignHostsEvenToRead(String host) throws Exception {
        request.setMethod("GET");
        request.addHeader("Host", host);
        assertThat(lets()).isFalse();
    }

    @Test
    void letsAnybodyOnThisMachineRead() throws Exception {
        request.setMethod("GET");
        request.addHeader("Host", "[::1]:8080");
        assertThat(lets()).isTrue();
    }
}
