package io.github.mirroredsupervisor.postgres;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** What has to be done to a JDBC URL: a parameter in it prevails over the same property beside it. */
final class JdbcUrls {

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

    /** The URL as it may be shown: parameters can hold passwords. */
    static String withoutParameters(String url) {
        int mark = url.indexOf('?');
        return mark < 0 ? url : url.substring(0, mark);
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
