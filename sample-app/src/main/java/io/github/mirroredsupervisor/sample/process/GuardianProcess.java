package io.github.mirroredsupervisor.sample.process;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The launcher's end of the pipe to its {@link Guardian}, and the folder that the guardian deletes in the end. */
public final class GuardianProcess implements AutoCloseable {

    private final Process process;
    private final OutputStream pipe;
    private final RunFolder folder = RunFolder.create();

    private GuardianProcess(Process process) {
        this.process = process;
        this.pipe = process.getOutputStream();
        tell(Guardian.FOLDER + folder.root());
    }

    /** Starts the guardian, which is one of the roles of the main class. */
    public static GuardianProcess start(Class<?> mainClass) {
        List<String> small = List.of("-Xmx16m", "-Xss256k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
        try {
            return new GuardianProcess(JavaCommand.of(mainClass, small, List.of("--role=guardian"), Map.of())
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start the guardian process", e);
        }
    }

    public RunFolder folder() {
        return folder;
    }

    /** Names a process to kill when the launcher ends. */
    public void process(long pid) {
        tell(Guardian.PROCESS + pid);
    }

    /** Names the data of a server to stop when the launcher ends. Called before the server is started. */
    public void server(Path data) {
        tell(Guardian.SERVER + data);
    }

    private synchronized void tell(String line) {
        try {
            pipe.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            pipe.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("The guardian process is gone", e);
        }
    }

    /** Ends the pipe and waits until the guardian has done what is left to do. */
    @Override
    public void close() {
        try {
            pipe.close();
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
