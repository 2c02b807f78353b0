package io.github.mirroredsupervisor.internal.postgres.source;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Knows the secrets of a way to the database and keeps them out of texts and exceptions: drivers print URLs, and with
 * them passwords. Immutable, thread-safe.
 */
public final class Secrets {

    private static final String HIDDEN = "***";

    /** A shorter value occurs in many words, so hiding it would only spoil the text. */
    private static final int SHORTEST = 3;

    private static final Pattern SECRET_NAME =
            Pattern.compile("pass|pwd|secret|token|credential|key|auth", Pattern.CASE_INSENSITIVE);

    /**
     * A URL in the text of a failure. It is matched to the end of the line, as a password may contain any character.
     */
    private static final Pattern ANY_URL = Pattern.compile("\\b(?:jdbc|r2dbc|postgres(?:ql)?):\\S.*");

    /** User and password that the driver took for a part of the host. */
    private static final Pattern ANY_USER_INFO = Pattern.compile("\\S+:(?! ).*@");

    private final String url;
    private final boolean anyUrl;
    private final List<String> values;

    private Secrets(String url, boolean anyUrl, Set<String> values) {
        this.url = url;
        this.anyUrl = anyUrl;
        this.values = values.stream()
                .filter(value -> value.length() >= SHORTEST)
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    /**
     * The secrets of one way to the database: the password, the text before the host of the URL, and every parameter
     * and property whose name suggests a secret.
     *
     * @param username is never hidden, even if the password is the same
     */
    public static Secrets of(
            String url, @Nullable String username, @Nullable String password, Map<String, String> properties) {
        Set<String> values = new LinkedHashSet<>();
        add(values, password);
        addUserInfo(values, url);
        JdbcUrls.rawParameters(url).forEach((name, value) -> {
            if (SECRET_NAME.matcher(name).find()) {
                add(values, value);
                add(values, decoded(value));
            }
        });
        properties.forEach((name, value) -> {
            if (SECRET_NAME.matcher(name).find()) {
                add(values, value);
            }
        });
        values.remove(username);
        String shown = JdbcUrls.shown(url);
        values.removeIf(shown::contains);
        return new Secrets(url, false, values);
    }

    /**
     * For connections that the application opens, where no secret is known: hides the secrets of any URL in the text.
     */
    public static Secrets ofAnyUrl() {
        return new Secrets("", true, Set.of());
    }

    /** The text without secrets. */
    public String hide(String text) {
        String clean = url.equals(JdbcUrls.shown(url)) ? text : text.replace(url, JdbcUrls.shown(url));
        for (String value : values) {
            clean = clean.replace(value, HIDDEN);
        }
        if (!anyUrl) {
            return clean;
        }
        String withoutUrls =
                ANY_URL.matcher(clean).replaceAll(found -> Matcher.quoteReplacement(JdbcUrls.shown(found.group())));
        return ANY_USER_INFO.matcher(withoutUrls).replaceAll(HIDDEN + "@");
    }

    /**
     * Returns the failure itself if it, its causes and its suppressed failures contain no secret; otherwise a copy with
     * other texts.
     */
    public SQLException hide(SQLException failure) {
        return tells(failure, 0) ? (SQLException) copy(failure, 0) : failure;
    }

    /** As {@link #hide(SQLException)}. */
    public RuntimeException hide(RuntimeException failure) {
        return tells(failure, 0) ? (RuntimeException) copy(failure, 0) : failure;
    }

    /** As {@link #hide(SQLException)}, for a caller that has caught several kinds. */
    public Exception hide(Exception failure) {
        return tells(failure, 0) ? (Exception) copy(failure, 0) : failure;
    }

    private boolean tells(@Nullable Throwable failure, int depth) {
        if (failure == null || depth > MOST_CAUSES) {
            return false;
        }
        String text = failure.toString();
        if (!hide(text).equals(text)) {
            return true;
        }
        for (Throwable suppressed : failure.getSuppressed()) {
            if (tells(suppressed, depth + 1)) {
                return true;
            }
        }
        SQLException next = failure instanceof SQLException error ? error.getNextException() : null;
        return tells(failure.getCause(), depth + 1) || (next != failure.getCause() && tells(next, depth + 1));
    }

    private static final int MOST_CAUSES = 20;

    private Throwable copy(Throwable failure, int depth) {
        String message =
                hide(failure instanceof SQLException ? String.valueOf(failure.getMessage()) : failure.toString());
        Throwable original = failure.getCause();
        Throwable cause = original == null || depth > MOST_CAUSES ? null : copy(original, depth + 1);
        Throwable copy = failure instanceof SQLException error
                ? new SQLException(message, error.getSQLState(), error.getErrorCode(), cause)
                : new RuntimeException(message, cause);
        copy.setStackTrace(failure.getStackTrace());
        List<Throwable> suppressed = new ArrayList<>(List.of(failure.getSuppressed()));
        suppressed.forEach(one -> copy.addSuppressed(copy(one, depth + 1)));
        return copy;
    }

    private static void addUserInfo(Set<String> values, String url) {
        int authority = url.indexOf("//");
        int end = url.lastIndexOf('@');
        if (authority >= 0 && end > authority) {
            String info = url.substring(authority + 2, end);
            if (!info.contains("?") || !info.contains("=")) {
                add(values, info);
                add(values, info.substring(info.indexOf(':') + 1));
            }
        }
    }

    private static void add(Set<String> values, @Nullable String value) {
        if (value != null) {
            values.add(value);
        }
    }

    private static @Nullable String decoded(String value) {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
