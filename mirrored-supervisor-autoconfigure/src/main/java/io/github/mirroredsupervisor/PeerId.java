package io.github.mirroredsupervisor;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Objects;
import java.util.UUID;

/**
 * One incarnation of one process. A process that was declared dead, or a context that is started again, joins under a
 * new id; a host name is only a label (faults I19). In JSON it is the UUID's text.
 *
 * @param value drawn at random when the peer joins
 */
public record PeerId(UUID value) {

    public PeerId {
        Objects.requireNonNull(value, "value must not be null");
    }

    public static PeerId random() {
        return new PeerId(UUID.randomUUID());
    }

    /**
     * Parses the result of {@link #toString()}.
     *
     * @throws IllegalArgumentException if the text is not a UUID
     */
    @JsonCreator
    public static PeerId of(String text) {
        return new PeerId(UUID.fromString(text));
    }

    @Override
    @JsonValue
    public String toString() {
        return value.toString();
    }
}
