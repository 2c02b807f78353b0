package io.github.mirroredsupervisor.sample.measure;

import java.util.List;

/** What the nodes of a cluster do while it is measured. */
enum ClusterKind {
    /** Orders come in, and the witness is asked often, so that the figures are exact. */
    BUSY,
    /** The same with children that need not wait for a lease. */
    IMMEDIATE,
    /** The same with one that can take its process down. */
    POISON,
    /** One node of it is used, for something that needs no children. */
    FENCE,
    /** Nothing happens. */
    REST,
    /** The nodes run idle children in place of relays. */
    SCALE;

    /** One fewer than there are nodes. */
    static final int MOST_CRASHES = 2;

    /** How many relays there are if so many children are asked for. */
    int relays(int children) {
        return this == SCALE ? 0 : children;
    }

    int ordersPerSecond() {
        return this == BUSY || this == IMMEDIATE || this == POISON ? 100 : 0;
    }

    /** Spring's arguments for the nodes. */
    List<String> properties() {
        return switch (this) {
            case BUSY -> List.of("--node.tick=10ms", "--node.poll=50ms");
            case IMMEDIATE ->
                List.of(
                        "--node.tick=10ms",
                        "--node.poll=50ms",
                        "--node.takeover=immediate",
                        "--node.plain-session=true");
            case POISON ->
                List.of(
                        "--node.tick=10ms",
                        "--node.poll=50ms",
                        "--node.measured=true",
                        "--mirrored-supervisor.poison.max-crashes=" + MOST_CRASHES);
            case FENCE, REST -> List.of("--node.tick=1h", "--node.poll=1h");
            case SCALE -> List.of("--node.tick=1h", "--node.poll=1h", "--node.measured=true");
        };
    }
}
