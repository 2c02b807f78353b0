package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import java.io.File;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** While the schema is current, no class of Flyway is loaded: the start succeeds where there is none. */
class StartWithoutFlywayTests {

    @Test
    void anInstanceStartsOnACurrentSchema() throws Exception {
        assertThat(startWithoutFlyway(TestPostgres.migratedDatabase())).isNull();
    }

    /** This shows that there really is no Flyway in these tests. */
    @Test
    void anInstanceDoesNotStartWithoutASchema() throws Exception {
        assertThat(startWithoutFlyway(TestPostgres.emptyDatabase()))
                .rootCause()
                .isInstanceOf(ClassNotFoundException.class)
                .hasMessageContaining("flyway");
    }

    private static Throwable startWithoutFlyway(Database database) throws Exception {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(classPathWithoutFlyway(), ClassLoader.getPlatformClassLoader())) {
            thread.setContextClassLoader(loader);
            Method start = loader.loadClass(Start.class.getName())
                    .getDeclaredMethod("start", String.class, String.class, String.class);
            start.setAccessible(true);
            return (Throwable) start.invoke(null, database.jdbcUrl(), database.username(), database.password());
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static URL[] classPathWithoutFlyway() throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!Path.of(entry).getFileName().toString().contains("flyway")) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return urls.toArray(URL[]::new);
    }

    /** Is loaded by the class loader without Flyway. */
    static final class Start {

        private Start() {}

        /** Returns why the start failed; null if the child runs. */
        static Throwable start(String url, String username, String password) {
            AtomicReference<Throwable> failure = new AtomicReference<>();
            TestContexts.supervisor(new Database(url, username, password))
                    .withUserConfiguration(OneChild.class)
                    .run(context -> {
                        if (context.getStartupFailure() != null) {
                            failure.set(context.getStartupFailure());
                        } else if (!context.getBean(OneChild.class).runs.await(30, TimeUnit.SECONDS)) {
                            failure.set(new IllegalStateException("the child does not run"));
                        }
                    });
            return failure.get();
        }
    }
}
