package io.github.mirroredsupervisor.sample.cluster;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/** What the library says of the group: the actuator endpoint of the first node that answers. Thread-safe. */
public final class SupervisorClient {

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /**
     * The part of the endpoint's answer that is used here.
     *
     * @param whichChildren the children
     * @param peers the members, also such as are gone
     */
    public record Group(List<Child> whichChildren, List<Peer> peers) {

        /** The ids of the members that live. */
        public List<String> aliveIds() {
            return peers.stream()
                    .filter(peer -> peer.state().equals("ALIVE"))
                    .map(Peer::id)
                    .sorted()
                    .toList();
        }
    }

    /** A child and what it is doing. */
    public record Child(String id, String phase) {}

    /** A member of the group. */
    public record Peer(String id, String label, String state) {}

    private final Cluster cluster;
    private final RestClient http;

    /** Asks nodes of that cluster. */
    public SupervisorClient(Cluster cluster) {
        this.cluster = cluster;
        JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory(
                HttpClient.newBuilder().connectTimeout(PATIENCE).build());
        factory.setReadTimeout(PATIENCE);
        this.http = RestClient.builder().requestFactory(factory).build();
    }

    /** Empty if no running node gives a good answer. */
    public Optional<Group> group() {
        return cluster.nodes().stream()
                .filter(node -> node.state() == NodeState.RUNNING)
                .flatMap(this::ask)
                .findFirst();
    }

    private Stream<Group> ask(NodeProcess node) {
        try {
            Group group = http.get()
                    .uri("http://127.0.0.1:{port}/actuator/supervisors/outbox-relay", node.port())
                    .retrieve()
                    .body(Group.class);
            return Stream.ofNullable(group);
        } catch (RestClientException e) {
            return Stream.empty();
        }
    }
}
