package io.github.mirroredsupervisor.autoconfigure.process;

import io.github.mirroredsupervisor.internal.context.ArgumentMapper;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Converts arguments to objects by Jackson, with the application's mapper if it has one. */
public record JacksonArgumentMapper(JsonMapper mapper) implements ArgumentMapper {

    @Override
    public <T> T convert(Map<String, Object> arguments, Class<T> type) {
        try {
            return mapper.convertValue(arguments, type);
        } catch (JacksonException ex) {
            throw new IllegalArgumentException(
                    "The arguments do not fit " + type.getName() + ": " + ex.getOriginalMessage(), ex);
        }
    }
}
