package io.github.mirroredsupervisor.autoconfigure.schema;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/** The migration scripts as texts that a database administrator can run by hand. */
public final class SchemaScripts {

    public static final String SCHEMA = "mirrored_supervisor";

    public static final String LOCATION = "io/github/mirroredsupervisor/postgres/migration";

    private static final Pattern NAME = Pattern.compile("V(\\d+)__(.+)\\.sql");

    private final SortedMap<Integer, Resource> byVersion = new TreeMap<>();

    private boolean plain = true;

    /**
     * A script as Flyway records it.
     *
     * @param description from the file's name
     * @param checksum changes with every change of the text but its line breaks
     */
    record Script(int version, String description, int checksum) {}

    public SchemaScripts(ClassLoader classLoader) {
        this(classLoader, List.of(LOCATION));
    }

    public SchemaScripts(ClassLoader classLoader, List<String> folders) {
        PathMatchingResourcePatternResolver resources = new PathMatchingResourcePatternResolver(classLoader);
        try {
            for (String folder : folders) {
                for (Resource script : resources.getResources("classpath*:" + folder + "/*.sql")) {
                    Matcher name = NAME.matcher(String.valueOf(script.getFilename()));
                    boolean known = name.matches() && byVersion.put(Integer.valueOf(name.group(1)), script) == null;
                    plain &= known;
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

    /**
     * Whether every file is a script of its own version. Otherwise only Flyway knows what the files mean, two copies of
     * one script for example.
     */
    boolean isPlain() {
        return plain;
    }

    /** The scripts in the order of their versions. */
    List<Script> all() {
        List<Script> all = new ArrayList<>();
        byVersion.forEach((version, script) -> all.add(new Script(version, description(script), checksum(script))));
        return all;
    }

    private static String description(Resource script) {
        Matcher name = NAME.matcher(String.valueOf(script.getFilename()));
        return name.matches() ? name.group(2).replace('_', ' ') : "";
    }

    /** As Flyway computes it. If it ever does so in another way, each start asks Flyway again. */
    private static int checksum(Resource script) {
        CRC32 sum = new CRC32();
        content(script).lines().forEach(line -> sum.update(line.getBytes(StandardCharsets.UTF_8)));
        return (int) sum.getValue();
    }

    private static String text(Resource script) {
        return content(script).stripTrailing() + "\n";
    }

    private static String content(Resource script) {
        try {
            return script.getContentAsString(StandardCharsets.UTF_8);
        } catch (IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }
}
