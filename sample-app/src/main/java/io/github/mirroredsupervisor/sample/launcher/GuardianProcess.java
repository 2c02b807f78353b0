package io.github.mirroredsupervisor.sample.launcher;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The launcher's end of the pipe to its {@link Guardian}. */
final class GuardianProcess implements AutoCloseable {

    private final Process process;
    private final OutputStream pipe;

    private GuardianProcess(Process process) {
        this.process = process;
        this.pipe = process.getOutputStream();
    }

    static GuardianProcess start() {
        List<String> small = List.of("-Xmx16m", "-Xss256k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
        try {
            return new GuardianProcess(JavaCommand.of(small, List.of("--role=guardian"))
                    .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start the guardian process", e);
        }
    }

    /** To be killed when the launcher ends. */
    void process(long pid) {
        tell(Guardian.PROCESS + pid);
    }

    /** To be stopped when the launcher ends; called before the server is started. */
    void server(Path data) {
        tell(Guardian.SERVER + data);
    }

    /** To be deleted when the launcher ends. */
    void folder(Path folder) {
        tell(Guardian.FOLDER + folder);
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
