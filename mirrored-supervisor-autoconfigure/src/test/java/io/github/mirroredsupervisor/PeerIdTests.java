package io.github.mirroredsupervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One type for the ids of peers, whose JSON is a text. */
class PeerIdTests {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final PeerId id = PeerId.random();
    private final PeerRef ref = new PeerRef(id, "label", "host", 4711);

    @Test
    void isATextInJsonWhereverItStands() {
        PeerInfo info =
                new PeerInfo(id, "label", "host", 4711, PeerState.ALIVE, false, 1, Instant.EPOCH, List.of("worker"), 0);
        ChildRef child = new ChildRef("orders", "feed", 7, ref);

        assertThat(json(id).asString()).isEqualTo(id.toString());
        assertThat(json(ref).get("id")).isEqualTo(json(id));
        assertThat(json(info).get("id")).isEqualTo(json(id));
        assertThat(json(child).at("/owner/id")).isEqualTo(json(id));
        assertThat(json(new SupervisorEvent.PeerJoined(Instant.EPOCH, id)).get("peer"))
                .isEqualTo(json(id));
    }

    @Test
    void isReadFromWhatWasWritten() {
        assertThat(JSON.readValue(JSON.writeValueAsString(ref), PeerRef.class)).isEqualTo(ref);
        assertThat(PeerId.of(id.toString())).isEqualTo(id);
        assertThatIllegalArgumentException().isThrownBy(() -> PeerId.of("nobody"));
    }

    private static JsonNode json(Object value) {
        return JSON.readTree(JSON.writeValueAsString(value));
    }
}
