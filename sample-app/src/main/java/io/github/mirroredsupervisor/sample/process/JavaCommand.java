package io.github.mirroredsupervisor.sample.process;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How this program starts itself again in another process: same Java, same class path, also from the executable jar.
 */
public final class JavaCommand {

    private static final String CLASS_PATH = System.getProperty("java.class.path");

    private JavaCommand() {}

    public static ProcessBuilder of(
            Class<?> mainClass, List<String> jvmOptions, List<String> arguments, Map<String, String> environment) {
        List<String> command = new ArrayList<>();
        if (Signals.available()) {
            // Ctrl-C and a closed terminal signal the whole process group. Only the launcher acts on it, so that it can
            // end the other processes in order. A JVM ignores a signal that was ignored when it started.
            command.addAll(List.of("sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh"));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        if (isExecutableJar()) {
            command.addAll(List.of("-jar", CLASS_PATH));
        } else {
            command.add(mainClass.getName());
        }
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        // In the environment, where its length does not matter and the process list stays readable.
        builder.environment().put("CLASSPATH", CLASS_PATH);
        builder.environment().putAll(environment);
        return builder;
    }

    private static boolean isExecutableJar() {
        return !CLASS_PATH.contains(File.pathSeparator)
                && CLASS_PATH.toLowerCase(Locale.ROOT).endsWith(".jar");
    }
}
