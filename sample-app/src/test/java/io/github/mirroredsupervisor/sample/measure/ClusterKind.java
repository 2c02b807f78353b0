package io.github.mirroredsupervisor.sample.measure;

import java.util.ArrayList;
import java.util.List;

/** What the nodes of a cluster do while it is measured. */
enum ClusterKind {
    /** Orders come in, and the relays write witness lines often, so that the figures are exact. */
    BUSY,
    /** The same with children that need not wait for a lease. */
    IMMEDIATE,
    /** Busy, and the supervisor's connections can be disturbed. */
    PROXIED,
    /** The same with children that need not wait for a lease. */
    PROXIED_IMMEDIATE,
    /** Proxied, with a resource outside the database, and with fewer witness lines so that it can run for long. */
    SOAK,
    /** As in a soak, on two servers under Patroni. */
    PATRONI,
    /** The same, and each node looks for the primary by itself. */
    TWO_PRIMARIES,
    /** Busy, with children that are nearly always in the middle of a transaction. */
    WRITERS,
    /** Busy, with one child that can end its process. */
    POISON,
    /** Only one node is used, for a measurement that needs no children. */
    FENCE,
    /** Nothing happens. */
    REST,
    /** The nodes run idle children instead of relays. */
    SCALE;

    /** One fewer than there are nodes. */
    static final int MOST_CRASHES = 2;

    /** How many relays there are if the given number of children is requested. */
    int relays(int children) {
        return this == SCALE ? 0 : children;
    }

    int ordersPerSecond() {
        return isDisturbed() ? 50 : isBusy() ? 100 : 0;
    }

    /** Whether nodes may fail to start because their database is disturbed, and a resource outside of it is used. */
    boolean isDisturbed() {
        return this == SOAK || hasFailover();
    }

    /** Whether the database consists of two servers. */
    boolean hasFailover() {
        return this == PATRONI || this == TWO_PRIMARIES;
    }

    private boolean isBusy() {
        return this != FENCE && this != REST && this != SCALE;
    }

    private boolean isImmediate() {
        return this == IMMEDIATE || this == PROXIED_IMMEDIATE;
    }

    /** Whether the supervisor's own connections go through proxies. */
    boolean isProxied() {
        return this == PROXIED || this == PROXIED_IMMEDIATE || this == SOAK;
    }

    private boolean isMeasured() {
        return this == SCALE || this == POISON || this == WRITERS;
    }

    /** Spring's arguments for the nodes. */
    List<String> properties() {
        List<String> properties = new ArrayList<>();
        properties.add("--lab.tick=" + (isDisturbed() ? "25ms" : isBusy() ? "10ms" : "1h"));
        properties.add(isBusy() ? "--lab.poll=50ms" : "--lab.poll=1h");
        if (isImmediate()) {
            properties.add("--node.takeover=immediate");
            properties.add("--lab.plain-session=true");
        }
        if (isMeasured()) {
            properties.add("--lab.measured=true");
        }
        if (this == SOAK) {
            properties.add("--spring.datasource.hikari.maximum-pool-size=3"); // small enough to be exhausted
        }
        if (isDisturbed() || this == PROXIED) {
            properties.add("--mirrored-supervisor.poison.max-crashes=0"); // here the nodes are killed from outside
        }
        if (this == POISON) {
            properties.add("--mirrored-supervisor.poison.max-crashes=" + MOST_CRASHES);
        }
        return properties;
    }
}
