package io.github.mirroredsupervisor.internal.postgres.source;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.postgresql.util.PSQLState;

/** Takes JDBC URLs apart: a parameter in a URL prevails over the same property, and a URL may contain secrets. */
public final class JdbcUrls {

    private static final String POSTGRES = "jdbc:postgresql:";

    /** The driver reads it from the URL only. */
    private static final String SERVICE = "service";

    /** Parameters whose name in a URL differs from the name of the driver's property. */
    private static final Map<String, String> DRIVERS_NAMES =
            Map.of("host", "PGHOST", "port", "PGPORT", "dbname", "PGDBNAME");

    private static final String HOST = "(?:\\[[0-9A-Fa-f:.%]+]|[\\w.\\-]*)(?::\\d*)?";

    /**
     * The form that the driver accepts: hosts with ports, and the name of a database. It cannot contain a user or a
     * password.
     */
    private static final Pattern PLAIN =
            Pattern.compile(POSTGRES + "(?://" + HOST + "(?:," + HOST + ")*(?:/[^/@:]*)?|[^/@:]*)");

    /** What the driver reads. The name of a database may hold any character. */
    private static final Pattern READABLE =
            Pattern.compile(POSTGRES + "(?:///?|//" + HOST + "(?:," + HOST + ")*/[^/]*|[^/]*)");

    private static final Pattern PROTOCOL = Pattern.compile("(?:jdbc:)?[a-z][\\w+.\\-]*:");

    private JdbcUrls() {}

    /** The URL without the named parameters. */
    public static String without(String url, Set<String> names) {
        int mark = url.indexOf('?');
        if (mark < 0) {
            return url;
        }
        String kept = Arrays.stream(url.substring(mark + 1).split("&", -1))
                .filter(parameter ->
                        !parameter.isEmpty() && !names.contains(parameter.split("=", 2)[0]))
                .collect(Collectors.joining("&"));
        return kept.isEmpty() ? url.substring(0, mark) : url.substring(0, mark + 1) + kept;
    }

    /** The parameters as they stand in the URL, undecoded. */
    static Map<String, String> rawParameters(String url) {
        Map<String, String> parameters = new LinkedHashMap<>();
        int mark = url.indexOf('?');
        if (mark >= 0) {
            for (String parameter : url.substring(mark + 1).split("&", -1)) {
                String[] parts = parameter.split("=", 2);
                parameters.put(parts[0], parts.length == 1 ? "" : parts[1]);
            }
        }
        return parameters;
    }

    /**
     * The URL for the driver: without its parameters, which become properties. The driver prints URLs that it cannot
     * read and logs all others.
     *
     * @param properties are overruled by the parameters, as in the driver
     * @throws SQLException if the driver could not read the URL; the message names the error, and nothing that may be a
     *     secret
     */
    static String forDriver(String url, Properties properties) throws SQLException {
        if (!isReadable(url)) {
            throw unreadable("The URL " + shown(url)
                    + " cannot be read: after jdbc:postgresql: come hosts with ports and the name of a database. Give user and password apart, as username and"
                    + " password, and write special characters of the database's name as % and two digits");
        }
        Map<String, String> parameters = rawParameters(url);
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            String name = parameter.getKey();
            if (!name.isEmpty() && !name.equals(SERVICE)) {
                properties.setProperty(
                        DRIVERS_NAMES.getOrDefault(name, name), decoded(url, name, parameter.getValue()));
            }
        }
        int mark = url.indexOf('?');
        String service = parameters.get(SERVICE);
        return (mark < 0 ? url : url.substring(0, mark)) + (service == null ? "" : "?" + SERVICE + "=" + service);
    }

    private static String decoded(String url, String name, String value) throws SQLException {
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw unreadable("Parameter " + name + " of the URL " + shown(url)
                    + " cannot be read: a % that is meant has to be written as %25");
        }
    }

    private static SQLException unreadable(String message) {
        return new SQLException(message, PSQLState.INVALID_PARAMETER_VALUE.getState());
    }

    /**
     * Whether the URL names hosts and a database in the form that the driver reads. Such a URL contains no user and no
     * password before the hosts.
     */
    static boolean isReadable(String url) {
        int mark = url.indexOf('?');
        return READABLE.matcher(mark < 0 ? url : url.substring(0, mark)).matches();
    }

    /** The URL without secrets. Parameters can contain passwords, and so can any text before the host. */
    public static String shown(String url) {
        int mark = url.indexOf('?');
        String front = mark < 0 ? url : url.substring(0, mark);
        if (!url.startsWith(POSTGRES)) {
            return shownOfOthers(url, front);
        }
        int lastAt = url.lastIndexOf('@');
        if (mark >= 0 && lastAt > mark && !url.substring(mark, lastAt).contains("=")) {
            return POSTGRES + "..."; // this '?' does not begin the parameters, but is part of a password
        }
        if (PLAIN.matcher(front).matches()) {
            return front;
        }
        String behind = POSTGRES + "//" + front.substring(front.lastIndexOf('@') + 1);
        return front.contains("@") && PLAIN.matcher(behind).matches() ? behind : POSTGRES + "...";
    }

    /** A password before the host can contain the characters that end the part that may be shown. */
    private static String shownOfOthers(String url, String front) {
        int end = front.indexOf(';');
        String shown = end < 0 ? front : front.substring(0, end);
        if (!url.contains("@")) {
            return shown;
        }
        Matcher protocol = PROTOCOL.matcher(shown);
        return protocol.lookingAt() ? protocol.group() + "..." : "...";
    }

    /** The same as {@link #shown}. */
    public static String withoutParameters(String url) {
        return shown(url);
    }

    /** Whether it lists several hosts, of which the driver has to find the primary. */
    public static boolean hasSeveralHosts(String url) {
        int authority = url.indexOf("//");
        if (authority < 0) {
            return false;
        }
        int end = url.indexOf('/', authority + 2);
        return url.substring(authority, end < 0 ? url.length() : end).contains(",");
    }
}
