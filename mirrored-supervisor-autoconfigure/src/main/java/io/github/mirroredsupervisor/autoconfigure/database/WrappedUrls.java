package io.github.mirroredsupervisor.autoconfigure.database;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** URLs of JDBC drivers that wrap another driver, such as {@code jdbc:p6spy:postgresql://host/db}. */
final class WrappedUrls {

    static final String POSTGRES = "jdbc:postgresql:";

    /** Wrappers that connect to the address in the URL: they log, trace, or find the writer of a cluster. */
    private static final Set<String> TRANSPARENT =
            Set.of("jdbc:p6spy:", "jdbc:otel:", "jdbc:opentracing:", "jdbc:log4jdbc:", "jdbc:aws-wrapper:");

    /** Plugins of the AWS wrapper that connect with credentials other than the configured ones. */
    private static final Set<String> CREDENTIAL_PLUGINS = Set.of("iam", "awssecretsmanager", "federatedauth", "okta");

    private static final String PLUGINS = "wrapperPlugins";

    private static final Pattern PLUGINS_IN_URL =
            Pattern.compile("[?&]" + PLUGINS + "=([^&%]*(?:%[0-9a-fA-F]{2}[^&%]*)*)");

    private WrappedUrls() {}

    /** Whether the URL names PostgreSQL, directly or through a wrapper. */
    static boolean namesPostgres(String url) {
        int scheme = url.indexOf("postgresql:");
        return scheme >= 0 && url.lastIndexOf('/', scheme) < 0;
    }

    /**
     * The URL for the PostgreSQL driver itself; null if there is none that leads to the same database.
     *
     * @param properties the driver's properties in addition to the URL
     */
    static @Nullable String plain(String url, Map<String, String> properties) {
        String trimmed = url.trim();
        if (trimmed.startsWith(POSTGRES)) {
            return trimmed;
        }
        for (String wrapper : TRANSPARENT) {
            if (trimmed.startsWith(wrapper)) {
                return bringsCredentials(trimmed, properties)
                        ? null
                        : plain("jdbc:" + trimmed.substring(wrapper.length()), properties);
            }
        }
        return null;
    }

    private static boolean bringsCredentials(String url, Map<String, String> properties) {
        String plugins = properties.getOrDefault(PLUGINS, "");
        Matcher inUrl = PLUGINS_IN_URL.matcher(url);
        if (inUrl.find()) {
            plugins = URLDecoder.decode(inUrl.group(1), StandardCharsets.UTF_8);
        }
        return Arrays.stream(plugins.split(",", -1))
                .map(plugin -> plugin.trim().toLowerCase(Locale.ROOT))
                .anyMatch(CREDENTIAL_PLUGINS::contains);
    }
}
