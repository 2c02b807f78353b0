package io.github.mirroredsupervisor.internal.postgres.values;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NumericNode;

/**
 * Normalizes arguments to the form that they have after they were stored: the same JSON always gives equal maps.
 * PostgreSQL keeps the value of a number and not its notation, so that {@code 1e7}, {@code 10000000} and
 * {@code 10000000.0} are one number, and there is no negative zero. Pure.
 */
final class ArgumentJson {

    /** Jackson reads no longer numbers, and jsonb writes every digit. */
    private static final int MOST_DIGITS = 990;

    private ArgumentJson() {}

    /**
     * The members of an object, in their order.
     *
     * @param path names the object in messages
     * @throws UnstorableException if something in it cannot be stored exactly
     */
    static Map<String, @Nullable Object> object(JsonNode node, String path) throws UnstorableException {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            String name = text(member.getKey(), "a name in " + path);
            members.put(name, value(member.getValue(), path + "." + name));
        }
        return members;
    }

    private static @Nullable Object value(JsonNode node, String path) throws UnstorableException {
        if (node.isObject()) {
            return object(node, path);
        }
        if (node.isArray()) {
            List<@Nullable Object> elements = new ArrayList<>();
            for (JsonNode element : node) {
                elements.add(value(element, path + "[" + elements.size() + "]"));
            }
            return elements;
        }
        if (node.isNumber()) {
            return number(node, path);
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        return node.isNull() ? null : text(node.asString(), path);
    }

    private static Number number(JsonNode node, String path) throws UnstorableException {
        if (node instanceof NumericNode number && number.isNaN()) {
            throw new UnstorableException(path + " is " + node.asString() + ", which JSON does not know");
        }
        BigDecimal exact = node.decimalValue();
        if (exact.signum() == 0) {
            return 0;
        }
        BigDecimal stripped = exact.stripTrailingZeros();
        if (stripped.precision() - (long) stripped.scale() > MOST_DIGITS || stripped.scale() > MOST_DIGITS) {
            throw new UnstorableException(path + " is a number of more than " + MOST_DIGITS + " digits");
        }
        return stripped.scale() <= 0 ? integer(stripped.toBigIntegerExact()) : fraction(stripped);
    }

    private static Number integer(BigInteger number) {
        if (number.bitLength() < Integer.SIZE) {
            return number.intValue();
        }
        return number.bitLength() < Long.SIZE ? (Number) number.longValue() : number;
    }

    /** A double, if it is the same number in decimal notation. */
    private static Number fraction(BigDecimal number) {
        double nearest = number.doubleValue();
        boolean same = Double.isFinite(nearest) && new BigDecimal(Double.toString(nearest)).compareTo(number) == 0;
        return same ? (Number) nearest : number;
    }

    private static String text(String text, String path) throws UnstorableException {
        if (text.indexOf('\0') >= 0) {
            throw new UnstorableException(path + " contains the NUL character, which PostgreSQL does not store");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new UnstorableException(path + " contains half of a surrogate pair, which is no character");
        }
        return text;
    }

    /** A value that would be changed by storing it; the message names it. */
    static final class UnstorableException extends Exception {

        private static final long serialVersionUID = 1L;

        UnstorableException(String message) {
            super(message);
        }
    }
}
