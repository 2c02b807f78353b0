package io.github.mirroredsupervisor.internal.supervision.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.SupervisorEvent.StartCause;
import io.github.mirroredsupervisor.internal.supervision.LocalChild;
import io.github.mirroredsupervisor.internal.supervision.StopReason;
import io.github.mirroredsupervisor.internal.supervision.SupervisionListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Notes every callback as one line of text; can be told to do something on a call. */
class RecordingListener implements SupervisionListener {

    final List<String> lines = new CopyOnWriteArrayList<>();
    volatile Consumer<LocalChild> onTokenNeeded = child -> {};

    @Override
    public void started(LocalChild child, StartCause cause) {
        lines.add("started " + child.id() + "#" + child.token() + " " + cause);
    }

    @Override
    public void startFailed(LocalChild child, StartCause cause, Throwable failure, boolean repeated) {
        lines.add("startFailed " + child.id() + " " + child.status());
    }

    @Override
    public void exited(LocalChild child, boolean repeated) {
        lines.add("exited " + child.id() + " " + child.lastExit().kind() + " " + child.status());
    }

    @Override
    public void tokenNeeded(LocalChild child) {
        lines.add("tokenNeeded " + child.id());
        onTokenNeeded.accept(child);
    }

    @Override
    public void restartDelayed(LocalChild child, Duration delay) {
        lines.add("restartDelayed " + child.id() + " " + delay);
    }

    @Override
    public void stopping(LocalChild child, StopReason reason) {
        lines.add("stopping " + child.id());
    }

    @Override
    public void stopped(LocalChild child, StopReason reason) {
        lines.add("stopped " + child.id() + " " + reason + " " + child.status());
    }

    @Override
    public void stuck(LocalChild child) {
        lines.add("stuck " + child.id());
    }

    @Override
    public void abandoned(LocalChild child) {
        lines.add("abandoned " + child.id());
    }

    @Override
    public void quarantined(LocalChild child, String reason) {
        lines.add("quarantined " + child.id());
    }

    @Override
    public void gaveUp(String reason) {
        lines.add("gaveUp " + reason);
    }

    void awaitLine(String line) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(lines).contains(line));
    }

    /** The lines that begin with one of the words, in order. */
    List<String> only(String... words) {
        return lines.stream()
                .filter(line -> List.of(words).contains(line.substring(0, line.indexOf(' '))))
                .toList();
    }
}
