package io.github.mirroredsupervisor.autoconfigure.children;

import io.github.mirroredsupervisor.ChildContext;
import io.github.mirroredsupervisor.ChildExit;
import io.github.mirroredsupervisor.ChildProcess;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.integration.leader.Candidate;
import org.springframework.integration.leader.Context;

/**
 * A Spring Integration {@link Candidate} as a child. Unlike with a leader initiator, another peer gets the role only
 * after {@code onRevoked} has returned, and {@code onGranted} may do the work itself.
 */
final class CandidateChild implements ChildProcess {

    private static final Duration POLL = Duration.ofMillis(250);

    private final Candidate candidate;

    private CandidateChild(Candidate candidate) {
        this.candidate = candidate;
    }

    static boolean supports(Class<?> type) {
        return Candidate.class.isAssignableFrom(type);
    }

    static ChildProcess of(Object bean) {
        return new CandidateChild((Candidate) bean);
    }

    /** The role whose endpoints start and stop with the child, as with a leader initiator. */
    static @Nullable String role(Object bean) {
        return ((Candidate) bean).getRole();
    }

    @Override
    public void run(ChildContext context) throws InterruptedException {
        Leadership leadership = new Leadership(context, candidate.getRole(), new AtomicBoolean());
        try {
            candidate.onGranted(leadership);
            while (!context.isStopping() && !leadership.yielded().get()) {
                context.sleep(POLL);
            }
        } finally {
            boolean interrupted = Thread.interrupted();
            candidate.onRevoked(leadership);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (!context.isStopping()) {
            throw ChildExit.restart();
        }
    }

    private record Leadership(ChildContext context, String role, AtomicBoolean yielded) implements Context {

        @Override
        public boolean isLeader() {
            return context.mayRun();
        }

        @Override
        public void yield() {
            yielded.set(true);
        }

        @Override
        public String getRole() {
            return role;
        }
    }
}
