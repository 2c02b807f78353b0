package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import java.util.List;
import java.util.Objects;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/** Starts, removes and lists idle children through one node. */
final class IdleClient {

    /**
     * What whichChildren returns there: how many children there are and how many of them run; and how long each call
     * took.
     */
    record View(int children, int running, List<Double> millis) {}

    /** What the process uses: live heap and resident memory in bytes, and threads of the operating system. */
    record Footprint(long heapBytes, long residentBytes, int platformThreads) {}

    private final RestClient http;

    IdleClient(NodeProcess node) {
        this.http = RestClient.create("http://127.0.0.1:" + node.port() + "/idle");
    }

    /** Milliseconds from the first call to the return of the last. */
    double start(int from, int to, int callers) {
        return Objects.requireNonNull(http.post()
                .uri("?from={from}&to={to}&callers={callers}", from, to, callers)
                .retrieve()
                .body(Double.class));
    }

    double remove(int from, int to, int callers) {
        return Objects.requireNonNull(http.delete()
                .uri("?from={from}&to={to}&callers={callers}", from, to, callers)
                .retrieve()
                .body(Double.class));
    }

    void startWriters(int count) {
        http.post().uri("/writers?count={count}", count).retrieve().toBodilessEntity();
    }

    /** Starts a child that ends the node, so the node does not answer. */
    void startHalting() {
        try {
            http.post().uri("/halting").retrieve().toBodilessEntity();
        } catch (RestClientException expected) {
            // the effect is seen from outside
        }
    }

    void removeHalting() {
        http.delete().uri("/halting").retrieve().toBodilessEntity();
    }

    View view(int times) {
        return get("/view?times=" + times, View.class);
    }

    Footprint footprint() {
        return get("/footprint", Footprint.class);
    }

    long lastDeath() {
        return get("/last-death", Long.class);
    }

    private <T> T get(String path, Class<T> type) {
        return Objects.requireNonNull(http.get().uri(path).retrieve().body(type));
    }
}
