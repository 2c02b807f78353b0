package io.github.mirroredsupervisor.internal.postgres.sessions;

import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.internal.postgres.children.Sequences;
import io.github.mirroredsupervisor.internal.postgres.children.Sequences.Floor;
import io.github.mirroredsupervisor.internal.postgres.connection.PrivateConnection;
import io.github.mirroredsupervisor.internal.postgres.connection.Timeouts;
import io.github.mirroredsupervisor.internal.postgres.server.SqlStates;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import java.util.Collection;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raises the floor of fencing tokens (protocol rule 11b). This is always separate from the transaction that makes it
 * necessary, as a sequence is not rolled back anyway. Two sessions that raise it at once wait for each other, but not
 * for a session that keeps the lock for longer.
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

    /** Called before rows with these tokens are deleted: a later child with the same id is granted a greater token. */
    void exceed(Collection<OwnedToken> deleted) {
        long highest = deleted.stream()
                .mapToLong(OwnedToken::token)
                .filter(Sequences::isBelievable)
                .max()
                .orElse(0);
        patiently(alone -> link.call("raise the floor of tokens", jdbc -> {
            tables.sequences().exceed(jdbc, highest, alone, lockWait());
            return true;
        }));
    }

    /** Raises the floor above this token and all rows. Returns a token that no earlier one exceeds. */
    long raise(long above) {
        Floor present = patiently(alone ->
                link.call("raise the tokens", jdbc -> tables.sequences().raise(jdbc, above, alone, lockWait())));
        if (!present.done()) {
            warn();
        }
        return present.highest();
    }

    private String lockWait() {
        return bounds.certificateLock().toMillis() + "ms";
    }

    private static <T> T patiently(Function<Boolean, T> raise) {
        try {
            return raise.apply(true);
        } catch (StoreUnavailableException e) {
            if (!SqlStates.isLockTimeout(e)) {
                throw e;
            }
            logger.debug("Another session keeps the lock for raising tokens; this one raises them without", e);
            return raise.apply(false);
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
