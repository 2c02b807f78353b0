package io.github.mirroredsupervisor.sample.page;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Keeps other web sites in the user's browser away from the buttons, which kill processes. The server listens on the
 * loopback interface only; beyond that a request must name a loopback host (against DNS rebinding), and one that
 * changes something needs a header that a foreign page cannot set and, if it tells its origin, ours.
 */
@Component
class LoopbackGuard extends OncePerRequestFilter {

    static final String HEADER = "X-Requested-By";

    private static final Set<String> HOSTS = Set.of("localhost", "127.0.0.1", "[::1]");

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        response.setHeader("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'");
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Referrer-Policy", "no-referrer");
        if (!isLoopback(request.getHeader("Host"))) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "Use http://localhost");
        } else if (changesSomething(request) && !isOwnPage(request)) {
            response.sendError(HttpServletResponse.SC_FORBIDDEN, "Only the page itself, or add " + HEADER + ": me");
        } else {
            chain.doFilter(request, response);
        }
    }

    private static boolean isLoopback(@Nullable String host) {
        return host != null && HOSTS.contains(host.replaceFirst(":\\d+$", ""));
    }

    private static boolean changesSomething(HttpServletRequest request) {
        return !Set.of("GET", "HEAD").contains(request.getMethod());
    }

    private static boolean isOwnPage(HttpServletRequest request) {
        String origin = request.getHeader("Origin");
        return request.getHeader(HEADER) != null
                && (origin == null || origin.equals("http://" + request.getHeader("Host")));
    }
}
