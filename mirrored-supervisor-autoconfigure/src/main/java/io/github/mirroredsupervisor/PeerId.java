package io.github.mirroredsupervisor;

import java.util.Objects;
import java.util.UUID;

/**
 * One incarnation of one process. A process that was declared dead, or a context that is started again, joins under a
 * new id; a host name is only a label (faults I19).
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
     * Reads what {@link #toString()} wrote.
     *
     * @throws IllegalArgumentException if the text is not a UUID
     */
    public static PeerId of(String text) {
        return new PeerId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
