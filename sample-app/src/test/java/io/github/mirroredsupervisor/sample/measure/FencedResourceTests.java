package io.github.mirroredsupervisor.sample.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FencedResourceTests {

    private static final long OTHER_PROCESS = -1;

    private final FencedResource resource = new FencedResource();
    private final FencedResourceClient client = new FencedResourceClient(resource.port());

    @AfterEach
    void close() throws IOException {
        client.close();
        resource.close();
    }

    @Test
    void refusesWhatComesWithASmallerTokenThanWasSeen() {
        assertThat(client.use("a", 5)).isTrue();
        assertThat(client.use("a", 7)).isTrue();
        assertThat(client.use("a", 5)).isFalse();
        assertThat(client.use("b", 5)).isTrue();
        assertThat(resource.report()).isEqualTo(new FencedResource.Report(3, 1, 0));
    }

    @Test
    void noticesATokenOfTwoProcesses() {
        client.use("a", 5);
        resource.use("a", 5, OTHER_PROCESS);
        assertThat(resource.report().shared()).isOne();
    }

    @Test
    void withoutAResourceEverythingIsAccepted() {
        try (FencedResourceClient without = new FencedResourceClient(0)) {
            assertThat(without.use("a", 5)).isTrue();
        }
        assertThat(resource.report().accepted()).isZero();
    }
}
