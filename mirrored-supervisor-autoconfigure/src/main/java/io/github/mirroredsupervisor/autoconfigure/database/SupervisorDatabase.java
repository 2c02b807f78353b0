package io.github.mirroredsupervisor.autoconfigure.database;

import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException;
import io.github.mirroredsupervisor.autoconfigure.diagnostics.SupervisorStartException.Problem;
import io.github.mirroredsupervisor.internal.postgres.source.ConnectionSource;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database of the supervisor, or the reason why there is none. Without a database, an application that declares
 * children or injects a supervisor fails to start. Any other application may have the library on its class path, and
 * its tests may run on another database.
 */
public final class SupervisorDatabase {

    private static final Logger log = LoggerFactory.getLogger(SupervisorDatabase.class);

    private static final Set<Problem> ABSENCE =
            EnumSet.of(Problem.NO_DATABASE, Problem.UNSUITABLE_DATABASE, Problem.UNKNOWN_CONNECTION);

    private final @Nullable ConnectionSource source;

    private final @Nullable SupervisorStartException absence;

    private final AtomicBoolean reported = new AtomicBoolean();

    private SupervisorDatabase(@Nullable ConnectionSource source, @Nullable SupervisorStartException absence) {
        this.source = source;
        this.absence = absence;
    }

    public static SupervisorDatabase of(Supplier<ConnectionSource> resolver) {
        try {
            return new SupervisorDatabase(resolver.get(), null);
        } catch (SupervisorStartException ex) {
            if (!ABSENCE.contains(ex.problem())) {
                throw ex;
            }
            return new SupervisorDatabase(null, ex);
        }
    }

    public boolean isThere() {
        return source != null;
    }

    /**
     * The source of connections to it.
     *
     * @throws SupervisorStartException if there is none
     */
    public ConnectionSource source() {
        requireThere();
        return Objects.requireNonNull(source);
    }

    /**
     * Throws if there is no database. Called by code that cannot work without one.
     *
     * @throws SupervisorStartException if there is none
     */
    public void requireThere() {
        if (absence != null) {
            throw absence;
        }
    }

    /** Logs once that there is no database and that nothing needs it. */
    public void reportAbsence() {
        if (absence != null && !reported.getAndSet(true)) {
            log.info(
                    "The mirrored supervisor stays off, as nothing in the application needs it: {} {}",
                    absence.getMessage(),
                    absence.action());
        }
    }
}
