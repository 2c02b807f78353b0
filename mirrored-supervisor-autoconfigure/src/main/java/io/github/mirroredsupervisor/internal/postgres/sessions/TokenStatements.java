package io.github.mirroredsupervisor.internal.postgres.sessions;

import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.internal.postgres.connection.PrivateConnection;
import io.github.mirroredsupervisor.internal.postgres.connection.Timeouts;
import io.github.mirroredsupervisor.internal.postgres.server.SqlStates;
import io.github.mirroredsupervisor.internal.postgres.tables.Sequences;
import io.github.mirroredsupervisor.internal.postgres.tables.Sequences.Floor;
import io.github.mirroredsupervisor.internal.postgres.tables.Tables;
import io.github.mirroredsupervisor.internal.store.OwnedToken;
import java.util.Collection;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raises the floor of fencing tokens (protocol rule 11b), always apart from the transaction that makes it necessary, as
 * a sequence is not rolled back anyway. Two that raise it at once wait for each other; whoever keeps that lock for
 * longer is not waited for.
 */
final class TokenStatements {

    private static final Logger logger = LoggerFactory.getLogger(TokenStatements.class);

    private final PrivateConnection link;
    private final Tables tables;
    private final Timeouts bounds;
    private boolean warned;

    TokenStatements(PrivateConnection link, Tables tables, Timeouts bounds) {
        this.link = link;
        this.tables = tables;
        this.bounds = bounds;
    }

    /** Before rows with these tokens are deleted: whoever has their ids later is granted greater ones. */
    void exceed(Collection<OwnedToken> deleted) {
        long highest = deleted.stream()
                .mapToLong(OwnedToken::token)
                .filter(Sequences::isBelievable)
                .max()
                .orElse(0);
        String wait = bounds.certificateLock().toMillis() + "ms";
        patiently(alone -> link.call("raise the floor of tokens", jdbc -> {
            tables.sequences().exceed(jdbc, highest, alone, wait);
            return true;
        }));
    }

    /** Above this one and all rows. Returns a token that no earlier one exceeds. */
    long raise(long above) {
        Sequences sequences = tables.sequences();
        Floor present = link.call("compare the tokens", jdbc -> sequences.floor(jdbc, above));
        if (!present.isReached()) {
            patiently(alone -> link.transaction("raise the tokens", jdbc -> {
                if (!sequences.mayRaise(jdbc)) {
                    warn();
                    return false;
                }
                if (alone) {
                    tables.peers().limitLockWait(jdbc, bounds.certificateLock());
                    sequences.lock(jdbc);
                }
                sequences.raise(jdbc, present);
                return true;
            }));
        }
        return present.highest();
    }

    private static void patiently(Consumer<Boolean> raise) {
        try {
            raise.accept(true);
        } catch (StoreUnavailableException e) {
            if (!SqlStates.isLockTimeout(e)) {
                throw e;
            }
            logger.debug("Another session keeps the lock for raising tokens; this one raises them without", e);
            raise.accept(false);
        }
    }

    private void warn() {
        if (!warned) {
            warned = true;
            logger.warn(
                    "This database user may not raise the sequences of schema mirrored_supervisor, so that fencing tokens may repeat after a restore."
                            + " Let the owner run: GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA mirrored_supervisor TO <user>");
        }
    }
}
