package io.github.mirroredsupervisor.internal.postgres.values;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Makes foreign texts storable: PostgreSQL refuses the NUL character, and a stack of messages can be huge. */
public final class StorableText {

    private static final int LONGEST = 4000;

    private static final int LONGEST_NAME = 255;

    private StorableText() {}

    public static @Nullable String storable(@Nullable String text) {
        return text == null ? null : clean(text.length() > LONGEST ? text.substring(0, LONGEST) : text);
    }

    /** A name for people, cut to a readable length. */
    public static String name(String text) {
        return clean(text.length() > LONGEST_NAME ? text.substring(0, LONGEST_NAME) : text);
    }

    /** An id as given by a caller. An id that cannot be stored becomes one that is not found. */
    public static String clean(String id) {
        String clean = id.replace('\0', '\uFFFD');
        if (StandardCharsets.UTF_8.newEncoder().canEncode(clean)) {
            return clean;
        }
        StringBuilder whole = new StringBuilder();
        clean.codePoints()
                .map(point -> Character.getType(point) == Character.SURROGATE ? '\uFFFD' : point)
                .forEach(whole::appendCodePoint);
        return whole.toString();
    }
}
