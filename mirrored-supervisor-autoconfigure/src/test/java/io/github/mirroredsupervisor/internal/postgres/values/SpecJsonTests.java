package io.github.mirroredsupervisor.internal.postgres.values;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.InvalidChildSpecException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The JSON of stored specs. */
class SpecJsonTests {

    private final SpecJson json = new SpecJson();

    @Test
    void isReadableByPeople() {
        assertThat(json.write(ChildSpec.of("one", "relay").withArguments(Map.of("topic", "prices"))))
                .isEqualTo("{\"shutdown\":{\"timeout\":\"PT5S\"},\"significant\":false,\"takeover\":\"AFTER_LEASE\","
                        + "\"onOutage\":\"STOP\",\"arguments\":{\"topic\":\"prices\"}}");
    }

    @Test
    void storedSpecsCompareEqualToWhatWasGiven() {
        ChildSpec given = ChildSpec.of("one", "relay")
                .withArguments(Map.of(
                        "long", 5L, "array", new String[] {"x"}, "record", new Point(1, 2), "list", List.of(1L)));

        ChildSpec stored = json.asStored(given);

        assertThat(stored).isNotEqualTo(given);
        assertThat(stored).isEqualTo(json.asStored(stored));
        assertThat(stored.arguments())
                .containsEntry("long", 5)
                .containsEntry("array", List.of("x"))
                .containsEntry("record", Map.of("x", 1, "y", 2));
    }

    @Test
    void nullArgumentsAreKept() {
        Map<String, Object> arguments = new HashMap<>();
        arguments.put("absent", null);
        assertThat(json.asStored(ChildSpec.of("one", "relay").withArguments(arguments))
                        .arguments())
                .containsEntry("absent", null);
    }

    @Test
    void argumentsThatCannotBeStoredAreRefused() {
        List<Object> cycle = new ArrayList<>();
        cycle.add(cycle);
        for (Object argument : List.of(cycle, "a\0b", Map.of("a\0b", 1), new Unreadable())) {
            assertThatThrownBy(() -> json.asStored(ChildSpec.of("one", "relay").withArguments(Map.of("x", argument))))
                    .isInstanceOf(InvalidChildSpecException.class)
                    .hasMessageContaining("one");
        }
    }

    @Test
    void aBackslashBeforeTheLettersOfNulIsHarmless() {
        ChildSpec spec = ChildSpec.of("one", "relay").withArguments(Map.of("path", "\\u0000"));
        assertThat(json.asStored(spec)).isEqualTo(spec);
    }

    private record Point(int x, int y) {}

    /** A bean that cannot be asked. */
    public static final class Unreadable {
        public String getText() {
            throw new IllegalStateException("there is none");
        }
    }
}
