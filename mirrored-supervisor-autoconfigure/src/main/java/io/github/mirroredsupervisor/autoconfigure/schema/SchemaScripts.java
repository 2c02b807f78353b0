package io.github.mirroredsupervisor.autoconfigure.schema;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/** The migration scripts as texts that a database administrator can run by hand. */
public final class SchemaScripts {

    public static final String SCHEMA = "mirrored_supervisor";

    public static final String LOCATION = "io/github/mirroredsupervisor/postgres/migration";

    private static final Pattern NAME = Pattern.compile("V(\\d+)__.+\\.sql");

    private final SortedMap<Integer, Resource> byVersion = new TreeMap<>();

    public SchemaScripts(ClassLoader classLoader) {
        this(classLoader, List.of(LOCATION));
    }

    public SchemaScripts(ClassLoader classLoader, List<String> folders) {
        PathMatchingResourcePatternResolver resources = new PathMatchingResourcePatternResolver(classLoader);
        try {
            for (String folder : folders) {
                for (Resource script : resources.getResources("classpath*:" + folder + "/V*.sql")) {
                    Matcher name = NAME.matcher(String.valueOf(script.getFilename()));
                    if (name.matches()) {
                        byVersion.put(Integer.valueOf(name.group(1)), script);
                    }
                }
            }
        } catch (IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }

    /** The version that the library needs. */
    public int latest() {
        return byVersion.lastKey();
    }

    /**
     * One script that brings a schema of the given version up to date.
     *
     * @param version the present version, 0 if there is no schema
     */
    public String from(int version) {
        StringBuilder ddl = new StringBuilder("BEGIN;\nCREATE SCHEMA IF NOT EXISTS " + SCHEMA + ";\n");
        byVersion.tailMap(version + 1).values().forEach(script -> ddl.append(text(script)));
        return ddl.append("COMMENT ON SCHEMA " + SCHEMA + " IS '" + SchemaVersion.comment(latest()) + "';\nCOMMIT;\n")
                .toString();
    }

    private static String text(Resource script) {
        try {
            return script.getContentAsString(StandardCharsets.UTF_8).stripTrailing() + "\n";
        } catch (IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }
}
