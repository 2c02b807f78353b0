package io.github.mirroredsupervisor.postgres;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What has to be done to a JDBC URL: a parameter in it prevails over the same property beside it, and it may hold secrets. */
public final class JdbcUrls {

    private static final String POSTGRES = "jdbc:postgresql:";

    private static final String HOST = "(?:\\[[0-9A-Fa-f:.%]+]|[\\w.\\-]*)(?::\\d*)?";

    /** As the driver takes it: hosts with ports, and the name of a database. A user or a password has no place in it. */
    private static final Pattern PLAIN =
            Pattern.compile(POSTGRES + "(?://" + HOST + "(?:," + HOST + ")*(?:/[^/@:]*)?|[^/@:]*)");

    private JdbcUrls() {}

    /** The URL without the named parameters. */
    static String without(String url, Set<String> names) {
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

    /** Whether it names hosts and a database in the way that the driver reads, so that it holds no user and no password before them. */
    static boolean isPlain(String url) {
        int mark = url.indexOf('?');
        return PLAIN.matcher(mark < 0 ? url : url.substring(0, mark)).matches();
    }

    /** The URL as it may be shown. Parameters can hold passwords, and so can whatever else somebody wrote before the host. */
    public static String shown(String url) {
        int mark = url.indexOf('?');
        String front = mark < 0 ? url : url.substring(0, mark);
        if (!url.startsWith(POSTGRES)) {
            return shownOfOthers(front);
        }
        boolean passwordMayHoldTheMark = mark >= 0 && !url.substring(mark).contains("=");
        if (PLAIN.matcher(front).matches() && !(passwordMayHoldTheMark && url.indexOf('@', mark) >= 0)) {
            return front;
        }
        String behind = POSTGRES + "//" + front.substring(front.lastIndexOf('@') + 1);
        return front.contains("@") && PLAIN.matcher(behind).matches() ? behind : POSTGRES + "...";
    }

    private static String shownOfOthers(String front) {
        int end = front.indexOf(';');
        String shown = end < 0 ? front : front.substring(0, end);
        if (!shown.contains("@")) {
            return shown;
        }
        int protocol = shown.indexOf(':', "jdbc:".length());
        return protocol < 0 ? "..." : shown.substring(0, protocol + 1) + "...";
    }

    /** The same as {@link #shown}. */
    static String withoutParameters(String url) {
        return shown(url);
    }

    /** Whether it lists several hosts, of which the driver has to find the primary. */
    static boolean hasSeveralHosts(String url) {
        int authority = url.indexOf("//");
        if (authority < 0) {
            return false;
        }
        int end = url.indexOf('/', authority + 2);
        return url.substring(authority, end < 0 ? url.length() : end).contains(",");
    }
}
