package io.github.mirroredsupervisor.sample.page;

import com.fasterxml.jackson.annotation.JsonValue;
import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.cluster.NodeState;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the page's buttons do to a node. */
enum Action {
    KILL,
    PAUSE,
    RESUME,
    STOP,
    START;

    static Optional<Action> of(String name) {
        return Arrays.stream(values())
                .filter(action -> action.label().equals(name))
                .findFirst();
    }

    /** Those that make sense now. */
    static List<Action> possible(NodeState state, boolean hasSignals) {
        return switch (state) {
            case STARTING, STOPPING -> List.of(KILL);
            case RUNNING -> hasSignals ? List.of(KILL, PAUSE, STOP) : List.of(KILL);
            case PAUSED -> List.of(KILL, RESUME);
            case STOPPED, KILLED, FAILED -> List.of(START);
        };
    }

    @JsonValue
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Does it.
     *
     * @throws io.github.mirroredsupervisor.sample.cluster.NodeStateException if it cannot be done now
     */
    void apply(NodeProcess node) {
        switch (this) {
            case KILL -> node.kill();
            case PAUSE -> node.pause();
            case RESUME -> node.resume();
            case STOP -> node.stop();
            case START -> node.start();
        }
    }
}
