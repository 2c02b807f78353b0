package io.github.mirroredsupervisor.internal.postgres.values;

import io.github.mirroredsupervisor.ChildKind;
import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.InvalidChildSpecException;
import io.github.mirroredsupervisor.InvalidChildSpecException.Reason;
import io.github.mirroredsupervisor.InvalidChildSpecException.Violation;
import io.github.mirroredsupervisor.RestartType;
import io.github.mirroredsupervisor.Shutdown;
import io.github.mirroredsupervisor.internal.postgres.values.ArgumentJson.UnstorableException;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON of a stored spec: everything that has no column. Durations are ISO texts; the shutdown is {@code
 * {"timeout":"PT5S"}}, {@code "brutal"} or {@code "infinity"}. Missing fields take their defaults and unknown ones are
 * ignored, so that members of different versions can read each other's specs. Thread-safe.
 */
public final class SpecJson {

    /** Limited, as every read of a child reads its spec. */
    private static final int MOST_CHARACTERS = 1_000_000;

    private final JsonMapper json = JsonMapper.builder()
            .addModule(ArgumentSerializers.module())
            .enable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            // Such numbers are read, so that the refusal can name their place.
            .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    /**
     * The JSON to store.
     *
     * @throws InvalidChildSpecException if the arguments cannot be stored as JSON, or would change by storing them
     */
    public String write(ChildSpec spec) {
        ObjectNode node = json.createObjectNode();
        if (spec.restartDelay() != null) {
            node.put("restartDelay", spec.restartDelay().toString());
        }
        node.set("shutdown", shutdown(spec.shutdown()));
        node.put("significant", spec.significant());
        node.put("takeover", spec.takeover().name());
        node.put("onOutage", spec.onOutage().name());
        if (spec.progressTimeout() != null) {
            node.put("progressTimeout", spec.progressTimeout().toString());
        }
        try {
            // Written to a text first, as only the text writer detects a structure that contains itself.
            JsonNode given = json.readTree(json.writeValueAsString(spec.arguments()));
            node.set("arguments", json.valueToTree(ArgumentJson.object(given, "arguments")));
            String text = json.writeValueAsString(node);
            if (text.length() > MOST_CHARACTERS) {
                throw unstorable(
                        spec,
                        "they take " + text.length() + " characters, and at most " + MOST_CHARACTERS
                                + " are kept; store large data elsewhere, and its name in the arguments");
            }
            return text;
        } catch (JacksonException e) {
            throw unstorable(spec, e.getOriginalMessage());
        } catch (UnstorableException e) {
            throw unstorable(spec, e.getMessage());
        }
    }

    /**
     * The spec as a row will return it.
     *
     * @throws InvalidChildSpecException if it cannot be stored, or is not valid
     */
    public ChildSpec asStored(ChildSpec spec) {
        ChildSpec.check(List.of(spec));
        try {
            return read(spec.id(), spec.type(), spec.restart(), spec.kind(), write(spec));
        } catch (UnreadableException e) {
            throw unstorable(spec, e.getMessage());
        }
    }

    /**
     * The spec of a row.
     *
     * @throws UnreadableException if the row does not define one
     */
    public ChildSpec read(String id, String type, RestartType restart, ChildKind kind, String text)
            throws UnreadableException {
        try {
            JsonNode node = json.readTree(text);
            if (!node.isObject()) {
                throw new UnreadableException("the spec is not a JSON object");
            }
            ChildSpec defaults = ChildSpec.of(id, type).withRestart(restart).withKind(kind);
            ChildSpec spec = new ChildSpec(
                    id,
                    type,
                    arguments(node.path("arguments")),
                    restart,
                    duration("restartDelay", node.path("restartDelay")),
                    shutdown(node.path("shutdown"), defaults.shutdown()),
                    kind,
                    flag("significant", node.path("significant")),
                    constant("takeover", node.path("takeover"), defaults.takeover()),
                    constant("onOutage", node.path("onOutage"), defaults.onOutage()),
                    duration("progressTimeout", node.path("progressTimeout")));
            ChildSpec.check(List.of(spec));
            return spec;
        } catch (JacksonException e) {
            throw new UnreadableException("the spec is not readable JSON: " + e.getOriginalMessage());
        } catch (InvalidChildSpecException e) {
            throw new UnreadableException(String.valueOf(e.getMessage()));
        }
    }

    @SuppressWarnings("NullAway") // JSON has nulls, and so do arguments
    private Map<String, Object> arguments(JsonNode node) throws UnreadableException {
        if (isMissing(node)) {
            return Map.of();
        }
        if (!node.isObject()) {
            throw unreadable("arguments", node, "a JSON object");
        }
        try {
            return ArgumentJson.object(node, "arguments");
        } catch (UnstorableException e) {
            throw new UnreadableException(String.valueOf(e.getMessage()));
        }
    }

    private static @Nullable Duration duration(String field, JsonNode node) throws UnreadableException {
        if (isMissing(node)) {
            return null;
        }
        try {
            return Duration.parse(node.isString() ? node.stringValue() : "");
        } catch (DateTimeException e) {
            throw unreadable(field, node, "a duration such as \"PT5S\"");
        }
    }

    private static boolean flag(String field, JsonNode node) throws UnreadableException {
        if (isMissing(node)) {
            return false;
        }
        if (!node.isBoolean()) {
            throw unreadable(field, node, "true or false");
        }
        return node.booleanValue();
    }

    private static <E extends Enum<E>> E constant(String field, JsonNode node, E otherwise) throws UnreadableException {
        if (isMissing(node)) {
            return otherwise;
        }
        try {
            return Enum.valueOf(otherwise.getDeclaringClass(), node.isString() ? node.stringValue() : "");
        } catch (IllegalArgumentException e) {
            throw unreadable(
                    field,
                    node,
                    "one of " + List.of(otherwise.getDeclaringClass().getEnumConstants()));
        }
    }

    private static Shutdown shutdown(JsonNode node, Shutdown otherwise) throws UnreadableException {
        if (isMissing(node)) {
            return otherwise;
        }
        if (node.isString() && node.stringValue().equals("brutal")) {
            return new Shutdown.Brutal();
        }
        if (node.isString() && node.stringValue().equals("infinity")) {
            return new Shutdown.Infinity();
        }
        Duration limit = duration("shutdown.timeout", node.path("timeout"));
        if (limit == null) {
            throw unreadable("shutdown", node, "{\"timeout\":\"PT5S\"}, \"brutal\" or \"infinity\"");
        }
        return new Shutdown.Timeout(limit);
    }

    private JsonNode shutdown(Shutdown shutdown) {
        if (shutdown instanceof Shutdown.Timeout timeout) {
            return json.createObjectNode().put("timeout", timeout.limit().toString());
        }
        return json.valueToTree(shutdown instanceof Shutdown.Brutal ? "brutal" : "infinity");
    }

    private static boolean isMissing(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private static UnreadableException unreadable(String field, JsonNode node, String expected) {
        String found = node.toString();
        return new UnreadableException("the spec's " + field + " should be " + expected + ", and is "
                + found.substring(0, Math.min(found.length(), 100)));
    }

    private static InvalidChildSpecException unstorable(ChildSpec spec, @Nullable String why) {
        return new InvalidChildSpecException(List.of(
                new Violation(spec.id(), Reason.INVALID_ARGUMENTS, "the arguments cannot be stored as JSON: " + why)));
    }

    /** A stored value that makes no sense; the message names it and the permitted values. */
    public static final class UnreadableException extends Exception {

        private static final long serialVersionUID = 1L;

        UnreadableException(String message) {
            super(message);
        }
    }
}
