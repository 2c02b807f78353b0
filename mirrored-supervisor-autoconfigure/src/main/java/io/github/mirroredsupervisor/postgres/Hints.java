package io.github.mirroredsupervisor.postgres;

import io.github.mirroredsupervisor.mirror.HintSession.Hint;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The notifications of one store: {@code ["sender","group","child","answered"]}, where a missing name means all of them (faults 2c). */
final class Hints {

    static final String CHANNEL = "mirrored_supervisor";

    private static final String ANSWERED = "answered";

    /** PostgreSQL takes up to 7999 bytes. */
    private static final int LONGEST_PAYLOAD = 7900;

    private static final JsonMapper json = JsonMapper.shared();

    private final String sender;

    /** Hints of the store that goes by this name. */
    Hints(String sender) {
        this.sender = sender;
    }

    String everything() {
        return json.writeValueAsString(new String[] {sender});
    }

    String of(String group) {
        String payload = json.writeValueAsString(new String[] {sender, group});
        return fits(payload) ? payload : everything();
    }

    /** Commands were carried out: news for those who wait for that, and for nobody else. */
    String answered(String group) {
        String payload = json.writeValueAsString(new @Nullable String[] {sender, group, null, ANSWERED});
        return fits(payload) ? payload : everything();
    }

    String of(String group, @Nullable String childId) {
        if (childId == null) {
            return of(group);
        }
        String payload = json.writeValueAsString(new String[] {sender, group, childId});
        return fits(payload) ? payload : of(group);
    }

    /** Where to look; nowhere for what this store sent itself, everywhere for what it cannot read. */
    Optional<Hint> read(String payload) {
        String[] parts;
        try {
            parts = json.readValue(payload, String[].class);
        } catch (JacksonException e) {
            return Optional.of(Hint.EVERYTHING);
        }
        if (parts == null || parts.length == 0) {
            return Optional.of(Hint.EVERYTHING);
        }
        if (sender.equals(parts[0])) {
            return Optional.empty();
        }
        String[] four = Arrays.copyOf(parts, 4);
        return Optional.of(new Hint(four[1], four[2], ANSWERED.equals(four[3])));
    }

    private static boolean fits(String payload) {
        return payload.getBytes(StandardCharsets.UTF_8).length <= LONGEST_PAYLOAD;
    }
}
