package io.github.mirroredsupervisor.simulation;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The project's classes with some files changed: compiled into a folder of their own, and loaded apart from those that
 * run here.
 */
final class MutantBuild implements AutoCloseable {

    private static final Path CLASSES = Path.of("target", "classes");
    private static final Path TEST_CLASSES = Path.of("target", "test-classes");
    private static final String PROJECT = "io.github.mirroredsupervisor.";

    private final Loader loader;
    private final Method broken;

    /** Fails if the text to be changed does not stand in its file exactly once: then the mutant is out of date. */
    MutantBuild(Mutant mutant, Path folder) throws IOException, ReflectiveOperationException {
        List<Path> sources = new ArrayList<>();
        for (Mutant.Change change : mutant.changes()) {
            sources.add(changed(change, folder.resolve("sources")));
        }
        Path classes = Files.createDirectories(folder.resolve("classes"));
        compile(sources, classes);
        this.loader = new Loader(classes, TEST_CLASSES, CLASSES);
        this.broken = loader.loadClass(Simulation.class.getName()).getDeclaredMethod("broken", long.class);
        broken.setAccessible(true);
    }

    private static Path changed(Mutant.Change change, Path folder) throws IOException {
        String file = PROJECT.replace('.', '/') + change.file() + ".java";
        String source = Files.readString(
                Path.of("src", change.isInTests() ? "test" : "main", "java").resolve(file));
        int first = source.indexOf(change.text());
        if (first < 0 || source.indexOf(change.text(), first + 1) >= 0) {
            throw new IllegalStateException("Not exactly once in " + file + ": " + change.text());
        }
        Path target = folder.resolve(file);
        Files.createDirectories(target.getParent());
        return Files.writeString(target, source.replace(change.text(), change.instead()));
    }

    private static void compile(List<Path> sources, Path classes) throws IOException {
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

    /** Whether a schedule breaks a promise. */
    boolean isCaught(long seed) throws ReflectiveOperationException {
        return broken.invoke(null, seed) != null;
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
            if (!name.startsWith(PROJECT)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> known = findLoadedClass(name);
                return known == null ? findClass(name) : known;
            }
        }
    }
}
