package io.github.mirroredsupervisor.internal.postgres.values;

import io.github.mirroredsupervisor.PeerId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads single columns. */
public final class Columns {

    private Columns() {}

    /**
     * The column's time; the epoch for null and for PostgreSQL's infinities, which only a manual change can have
     * written.
     */
    public static Instant instant(ResultSet row, String column) throws SQLException {
        Instant instant = instantOrNull(row, column);
        return instant == null ? Instant.EPOCH : instant;
    }

    public static @Nullable Instant instantOrNull(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        if (time == null || time.equals(OffsetDateTime.MAX) || time.equals(OffsetDateTime.MIN)) {
            return null;
        }
        return time.toInstant();
    }

    /** The constant of that name; {@code otherwise} if this version does not know the name. */
    public static <E extends Enum<E>> E constant(@Nullable String name, E otherwise) {
        for (E known : otherwise.getDeclaringClass().getEnumConstants()) {
            if (known.name().equals(name)) {
                return known;
            }
        }
        return otherwise;
    }

    public static @Nullable PeerId peerIdOrNull(ResultSet row, String column) throws SQLException {
        UUID id = row.getObject(column, UUID.class);
        return id == null ? null : new PeerId(id);
    }
}
