package io.github.mirroredsupervisor.testing;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The project's classes with some files changed: compiled into a separate folder, and loaded by a separate class
 * loader. Only the classes of this package are shared, so that both use the same servers.
 */
public final class MutantBuild implements AutoCloseable {

    private static final Path CLASSES = Path.of("target", "classes");
    private static final Path TEST_CLASSES = Path.of("target", "test-classes");
    private static final String PROJECT = "io.github.mirroredsupervisor.";
    private static final String SHARED = MutantBuild.class.getPackageName() + ".";

    private final Loader loader;

    /**
     * A change of one file.
     *
     * @param file below the root package
     * @param text the text to replace, which must occur there exactly once, with any line breaks
     */
    public record Change(String file, String text, String instead, boolean isInTests) {

        public Change(String file, String text, String instead) {
            this(file, text, instead, false);
        }

        public Change inTests() {
            return new Change(file, text, instead, true);
        }

        private String in(String source) {
            String words =
                    Stream.of(text.strip().split("\\s+")).map(Pattern::quote).collect(Collectors.joining("\\s+"));
            Matcher found = Pattern.compile(words).matcher(source);
            if (!found.find()) {
                throw new IllegalStateException("Not in " + file + ": " + text);
            }
            String changed = source.substring(0, found.start()) + instead + source.substring(found.end());
            if (found.find()) {
                throw new IllegalStateException("More than once in " + file + ": " + text);
            }
            return changed;
        }
    }

    /** Fails if a text to replace does not occur in its file exactly once: then the mutant is out of date. */
    public MutantBuild(Collection<Change> changes, Path folder) throws IOException {
        Map<Path, String> sources = new LinkedHashMap<>();
        for (Change change : changes) {
            Path file = Path.of(PROJECT.replace('.', '/') + change.file() + ".java");
            Path original =
                    Path.of("src", change.isInTests() ? "test" : "main", "java").resolve(file);
            Path copy = folder.resolve("sources").resolve(file);
            String source = sources.containsKey(copy) ? sources.get(copy) : Files.readString(original);
            sources.put(copy, change.in(source));
        }
        for (Map.Entry<Path, String> source : sources.entrySet()) {
            Files.createDirectories(source.getKey().getParent());
            Files.writeString(source.getKey(), source.getValue());
        }
        Path classes = Files.createDirectories(folder.resolve("classes"));
        compile(sources.keySet(), classes);
        this.loader = new Loader(classes, TEST_CLASSES, CLASSES);
    }

    /** The class of the same name in the changed build. */
    public Class<?> load(Class<?> original) throws ClassNotFoundException {
        return loader.loadClass(original.getName());
    }

    /** Loads all of them. */
    public ClassLoader loader() {
        return loader;
    }

    private static void compile(Collection<Path> sources, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of(
                    "-proc:none",
                    "-nowarn",
                    "-d",
                    classes.toString(),
                    "-classpath",
                    TEST_CLASSES
                            + File.pathSeparator
                            + CLASSES
                            + File.pathSeparator
                            + System.getProperty("java.class.path"));
            boolean done = compiler.getTask(
                            said, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
                    .call();
            if (!done) {
                throw new IllegalStateException(said.toString());
            }
        }
    }

    @Override
    public void close() throws IOException {
        loader.close();
    }

    /** Loads the project's classes itself, the changed ones first. */
    private static final class Loader extends URLClassLoader {

        private Loader(Path... folders) throws MalformedURLException {
            super(urls(folders), Loader.class.getClassLoader());
        }

        private static URL[] urls(Path... folders) throws MalformedURLException {
            URL[] urls = new URL[folders.length];
            for (int i = 0; i < folders.length; i++) {
                urls[i] = folders[i].toUri().toURL();
            }
            return urls;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(PROJECT) || name.startsWith(SHARED)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> known = findLoadedClass(name);
                return known == null ? findClass(name) : known;
            }
        }
    }
}
