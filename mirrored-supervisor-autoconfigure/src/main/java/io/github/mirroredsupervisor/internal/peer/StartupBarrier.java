package io.github.mirroredsupervisor.internal.peer;

import io.github.mirroredsupervisor.ChildStartException;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.internal.context.PeerContext;
import io.github.mirroredsupervisor.internal.group.GroupLoop;
import io.github.mirroredsupervisor.internal.group.Groups;
import io.github.mirroredsupervisor.internal.lease.Startup;
import io.github.mirroredsupervisor.internal.platform.Failures;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the start of the application waits for: the join of this peer, its first permission, and the children that its
 * start requires. Stopping the peer or interrupting the waiting thread ends the start at once.
 *
 * <p>The wait itself has no time-out; a timer ends it. A context that is closed while it starts interrupts the starting
 * thread, but only if that thread waits without a time-out.
 */
final class StartupBarrier {

    private static final Logger log = LoggerFactory.getLogger(StartupBarrier.class);

    private final PeerContext peer;
    private final Entry entry;
    private final Groups groups;
    private final CompletableFuture<Void> stopRequested = new CompletableFuture<>();

    StartupBarrier(PeerContext peer, Entry entry, Groups groups) {
        this.peer = peer;
        this.entry = entry;
        this.groups = groups;
    }

    /** Ends the wait for the start. Any thread, any number of times. */
    void stopRequested() {
        stopRequested.complete(null);
    }

    /**
     * Waits until children may run, and until the children that this peer's start requires have started.
     *
     * @throws StoreUnavailableException if this peer could not join, and its start is strict
     * @throws ChildStartException if a required child could not start; this peer is to leave then
     * @throws StartAbandonedException if this peer was stopped, or the caller interrupted; this peer is to leave then
     */
    void await() {
        if (!awaitEntry()) {
            return;
        }
        awaitFirstPermission();
        for (GroupLoop group : groups.all()) {
            try {
                await(group.initialChildren().outcome(), peer.settings().callTimeout());
            } catch (ExecutionException e) {
                Throwable failure = e.getCause() == null ? e : e.getCause();
                throw notStarted(group, group.initialChildren().failed(), Failures.text(failure), failure);
            } catch (TimeoutException e) {
                Set<String> waiting = group.initialChildren().waiting();
                throw notStarted(
                        group,
                        waiting.stream().sorted().findFirst().orElse(null),
                        "not within " + peer.settings().callTimeout(),
                        null);
            }
        }
    }

    /** Returns whether this peer is a member now. */
    private boolean awaitEntry() {
        boolean lenient = peer.settings().startup() == Startup.LENIENT;
        Duration patience = lenient ? peer.settings().lease() : peer.settings().callTimeout();
        try {
            await(entry.entered(), patience);
            return true;
        } catch (ExecutionException e) {
            throw unchecked(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            RuntimeException last = peer.state().joinFailure();
            if (lenient) {
                log.warn(
                        "This peer has not joined yet and goes on trying in the background, as"
                                + " mirrored-supervisor.startup is lenient; until then its children run elsewhere, and its"
                                + " supervisors refuse calls. The last reason: {}",
                        last == null ? "no answer yet" : last.getMessage());
                return false;
            }
            String why = "This peer could not join within " + peer.settings().callTimeout();
            throw new StoreUnavailableException(
                    last == null
                            ? why + ": no answer yet"
                            : why + ", the last time because of this: " + last.getMessage(),
                    last);
        }
    }

    /**
     * A caller of a supervisor after the start may expect it to start children. A late permission does not fail the
     * start: every later step may meet a slow database as well.
     */
    private void awaitFirstPermission() {
        try {
            await(peer.state().firstRenewal(), peer.settings().lease());
        } catch (TimeoutException | ExecutionException e) {
            log.warn("The first renewal is late; children are started when it has come");
        }
    }

    private void await(CompletableFuture<Void> what, Duration limit) throws ExecutionException, TimeoutException {
        CompletableFuture<Void> timer = new CompletableFuture<>();
        if (!what.isDone()) {
            peer.machine().after(limit, () -> timer.complete(null));
        }
        try {
            peer.machine().await(CompletableFuture.anyOf(what, stopRequested, timer));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw abandoned();
        }
        if (stopRequested.isDone()) {
            throw abandoned();
        }
        if (!what.isDone()) {
            throw new TimeoutException();
        }
    }

    private static StartAbandonedException abandoned() {
        return new StartAbandonedException("This peer was told to stop while it was starting");
    }

    private static ChildStartException notStarted(
            GroupLoop group, @Nullable String childId, String why, @Nullable Throwable cause) {
        return new ChildStartException(
                group.group(),
                childId,
                (childId == null ? "A declared child" : "The declared child '" + childId + "'") + " of group '"
                        + group.group() + "' did not start: " + why
                        + ". This peer stopped the others and left, as on-start-failure is fail; with retry it would"
                        + " start without that child and try it again",
                cause == null ? null : Failures.printable(cause));
    }

    private static RuntimeException unchecked(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(failure);
    }
}
