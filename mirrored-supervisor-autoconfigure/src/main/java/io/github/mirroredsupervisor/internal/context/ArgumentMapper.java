package io.github.mirroredsupervisor.internal.context;

import java.util.Map;

/** Turns a spec's arguments into an object of an application class. Thread-safe. */
public interface ArgumentMapper {

    /**
     * The arguments as an object of the type.
     *
     * @throws IllegalArgumentException if they do not fit
     */
    <T> T convert(Map<String, Object> arguments, Class<T> type);
}
