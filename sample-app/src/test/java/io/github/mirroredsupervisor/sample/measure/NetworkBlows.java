package io.github.mirroredsupervisor.sample.measure;

import io.github.mirroredsupervisor.sample.cluster.NodeProcess;
import io.github.mirroredsupervisor.sample.proxy.Side;
import io.github.mirroredsupervisor.sample.proxy.TcpProxy;
import io.github.mirroredsupervisor.sample.proxy.Weather;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What can happen between a node and its database. Each returns when it is over. */
final class NetworkBlows {

    private static final Predicate<String> ALL = Pattern.compile("").asPredicate();

    private final TestBed bed;
    private final Duration lease;

    NetworkBlows(TestBed bed) {
        this.bed = bed;
        this.lease = bed.profile().lease();
    }

    /** One connection is reset for one of its sides only. */
    void reset(NodeProcess node, Strike strike) {
        String kind = strike.oneOf(List.of("renew", "work", "listen"));
        Side side = strike.length() < 0.5 ? Side.CLIENT : Side.SERVER;
        proxy(node).reset(ProxiedRoutes.ofKind(kind), side);
        bed.pass(lease.multipliedBy(2));
    }

    /** Holds one direction or both, for the renewals only or for all connections. */
    void hold(NodeProcess node, Weather weather, Strike strike) {
        weather(
                node,
                weather,
                strike.oneOf(List.of(ProxiedRoutes.ofKind("renew"), ProxiedRoutes.OF_LIBRARY, ALL)),
                strike);
    }

    /** All connections except those that renew. */
    void cutWork(NodeProcess node, Strike strike) {
        weather(
                node,
                strike.oneOf(List.of(Weather.PARTITION, Weather.HOLDS_REQUESTS, Weather.HOLDS_REPLIES)),
                ProxiedRoutes.OF_LIBRARY.and(ProxiedRoutes.ofKind("renew").negate()),
                strike);
    }

    void slow(NodeProcess node, Strike strike) {
        weather(node, Weather.slow(strike.between(lease.dividedBy(60), lease.dividedBy(5))), ALL, strike);
    }

    private void weather(NodeProcess node, Weather weather, Predicate<String> names, Strike strike) {
        proxy(node).becomes(weather, names);
        try {
            bed.pass(strike.between(lease.dividedBy(10), lease.multipliedBy(5).dividedBy(2)));
        } finally {
            proxy(node).becomes(Weather.FAIR, ALL);
        }
    }

    /** All connections end. New ones are accepted and never answered. */
    void noAnswer(NodeProcess node, Strike strike) {
        proxy(node).deaf(true);
        try {
            Arrays.stream(Side.values()).forEach(side -> proxy(node).reset(ALL, side));
            bed.pass(strike.between(lease.dividedBy(10), lease.multipliedBy(5).dividedBy(2)));
        } finally {
            proxy(node).deaf(false);
        }
    }

    private TcpProxy proxy(NodeProcess node) {
        return bed.routes().proxy(node);
    }
}
