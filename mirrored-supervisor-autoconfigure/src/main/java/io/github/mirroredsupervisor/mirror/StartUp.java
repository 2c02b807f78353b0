package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.ChildStartException;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the start of the application waits for: the first permission, and the children without which this peer is not to start. */
final class StartUp {

    private static final Logger log = LoggerFactory.getLogger(StartUp.class);

    private final PeerRuntime peer;
    private final Collection<MemberUnit> units;
    private final CompletableFuture<Boolean> permitted = new CompletableFuture<>();

    StartUp(PeerRuntime peer, Collection<MemberUnit> units) {
        this.peer = peer;
        this.units = units;
    }

    /** A renewal has succeeded. Any thread, any number of times. */
    void permitted() {
        permitted.complete(true);
    }

    /**
     * Waits until children may run, and until those have started without which this peer is not to start.
     *
     * @throws ChildStartException if one of them could not; this peer has left then
     */
    void await() {
        awaitFirstPermission();
        for (MemberUnit unit : units) {
            try {
                peer.machine()
                        .await(
                                unit.member().initialStart().outcome(),
                                peer.settings().callTimeout());
            } catch (ExecutionException e) {
                throw undo(unit, String.valueOf(e.getCause()), e.getCause());
            } catch (TimeoutException e) {
                throw undo(unit, "not within " + peer.settings().callTimeout(), null);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw undo(unit, "interrupted", null);
            }
        }
    }

    private ChildStartException undo(MemberUnit unit, String why, @Nullable Throwable cause) {
        if (!peer.machine().awaitDone(peer.stop(), peer.settings().callTimeout())) {
            log.warn("This peer has not left yet after its start was undone");
        }
        return new ChildStartException(
                "A declared child of group '" + unit.name() + "' did not start: " + why
                        + ". This peer stopped the others and left, as on-start-failure is fail; with retry it would"
                        + " start without that child and try it again",
                cause);
    }

    /** Whoever calls a supervisor after the start may expect it to start children. A database that is slow now is met by every later step alike. */
    private void awaitFirstPermission() {
        if (!peer.machine().awaitDone(permitted, peer.settings().lease())) {
            log.warn("The first renewal is late; children are started when it has come");
        }
    }
}
