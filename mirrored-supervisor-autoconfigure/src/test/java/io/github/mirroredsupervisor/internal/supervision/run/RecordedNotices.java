package io.github.mirroredsupervisor.internal.supervision.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.internal.supervision.Effect.Notice;
import io.github.mirroredsupervisor.internal.supervision.values.LocalChild;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Notes every notice as one line of text; can be told to do something when a token is needed. */
class RecordedNotices {

    final List<String> lines = new CopyOnWriteArrayList<>();
    volatile Consumer<LocalChild> onTokenNeeded = child -> {};

    void take(Notice notice) {
        lines.add(line(notice));
        if (notice.kind() == Notice.Kind.TOKEN_NEEDED) {
            onTokenNeeded.accept(notice.child());
        }
    }

    private static String line(Notice notice) {
        LocalChild child = notice.child();
        return switch (notice.kind()) {
            case STARTED -> "started " + child.id() + "#" + child.token() + " " + notice.cause();
            case START_FAILED -> "startFailed " + child.id() + " " + child.status();
            case EXITED -> "exited " + child.id() + " " + child.lastExit().kind() + " " + child.status();
            case TOKEN_NEEDED -> "tokenNeeded " + child.id();
            case RESTART_DELAYED -> "restartDelayed " + child.id() + " " + notice.delay();
            case STOPPING -> "stopping " + child.id();
            case STOPPED -> "stopped " + child.id() + " " + notice.reason() + " " + child.status();
            case STUCK -> "stuck " + child.id();
            case ABANDONED -> "abandoned " + child.id();
            case QUARANTINED -> "quarantined " + child.id();
            case GAVE_UP -> "gaveUp " + notice.text();
        };
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
