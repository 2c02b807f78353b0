package io.github.mirroredsupervisor.internal.postgres.tables;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The sequences of tokens and of orders. They are behind after a restore of tables alone, after an upgrade by logical
 * replication, and when somebody sets them back; a schema made anew knows none of the tokens of the last one (protocol
 * rule 11b).
 *
 * <p>The sequence of tokens is raised to the microseconds since 1970 whenever a peer joins. Far fewer tokens are
 * granted than microseconds pass, so it stays behind the clock: all tokens of the past are lower than the clock is now,
 * unless the clock was set back behind the last time that the sequence was raised. They are exact in a double, as
 * JavaScript's numbers are, until 2255. A clock that is ahead costs nothing but that seed's use until the time has come
 * up with it; one beyond 2112 is not believed.
 */
public final class Sequences {

    private static final String LAST_TOKEN = """
            select coalesce(pg_catalog.pg_sequence_last_value('mirrored_supervisor.fencing_token'::pg_catalog.regclass), 0::bigint)
            """;

    // Nobody else lowers what another has just raised: setval knows no condition of its own. A name of two numbers
    // never
    // meets the peers' own locks, which have one.
    private static final String LOCK = "select pg_catalog.pg_advisory_xact_lock(1836282739, 1953457779)";

    private static final String MAY_RAISE = """
            select pg_catalog.bool_and(pg_catalog.has_sequence_privilege('mirrored_supervisor.' || s.name, 'UPDATE'::text))
            from (values ('fencing_token'::text), ('join_order'::text), ('start_order'::text)) as s (name)
            """;

    // Tokens that were granted while this statement runs are above by no more than this margin, so that setval never
    // lowers the sequence beneath them.
    private static final String FLOOR = """
            select greatest(
                       cast(:above as bigint),
                       (select pg_catalog.max(c.fencing_token) from mirrored_supervisor.child c
                        where c.fencing_token < 4503599627370496::bigint)) as known,
                   least(
                       (extract(epoch from pg_catalog.clock_timestamp()) * 1000000::numeric)::bigint,
                       4503599627370496::bigint) as clock,
                   coalesce(pg_catalog.pg_sequence_last_value('mirrored_supervisor.fencing_token'::pg_catalog.regclass), 0::bigint) as last
            """;

    private static final String RAISE_TOKENS = """
            select pg_catalog.setval('mirrored_supervisor.fencing_token'::pg_catalog.regclass, cast(:floor as bigint))
            """;

    // What only a hand can have written must not use up the sequence, or nobody could join any more.
    private static final String RAISE_ORDERS = """
            select case when o.highest > o.last then pg_catalog.setval(o.sequence, o.highest) end
            from (
                select 'mirrored_supervisor.join_order'::pg_catalog.regclass as sequence,
                       (select pg_catalog.max(p.join_order) from mirrored_supervisor.peer p
                        where p.join_order < 4503599627370496::bigint) as highest,
                       coalesce(pg_catalog.pg_sequence_last_value('mirrored_supervisor.join_order'::pg_catalog.regclass), 0::bigint) as last
                union all
                select 'mirrored_supervisor.start_order'::pg_catalog.regclass,
                       (select pg_catalog.max(c.start_order) from mirrored_supervisor.child c
                        where not c.is_static and c.start_order < 4503599627370496::bigint),
                       coalesce(pg_catalog.pg_sequence_last_value('mirrored_supervisor.start_order'::pg_catalog.regclass), 0::bigint)) as o
            """;

    /** A second. Who joins so soon after another need not raise anything. */
    private static final long MARGIN = 1_000_000;

    public long lastToken(JdbcClient jdbc) {
        return jdbc.sql(LAST_TOKEN).query(Long.class).single();
    }

    /** Whether this role may set the sequences. */
    public boolean mayRaise(JdbcClient jdbc) {
        return jdbc.sql(MAY_RAISE).query(Boolean.class).single();
    }

    /** For the rest of the transaction. */
    public void lock(JdbcClient jdbc) {
        jdbc.sql(LOCK).query((row, number) -> number).list();
    }

    public Floor floor(JdbcClient jdbc, long above) {
        return jdbc.sql(FLOOR)
                .param("above", above)
                .query((row, number) -> new Floor(row.getLong("known"), row.getLong("clock"), row.getLong("last")))
                .single();
    }

    public void raise(JdbcClient jdbc, Floor floor) {
        jdbc.sql(RAISE_TOKENS).param("floor", floor.value()).query(Long.class).single();
        jdbc.sql(RAISE_ORDERS).query((row, number) -> number).list();
    }

    /**
     * What tokens have to exceed.
     *
     * @param known the greatest that somebody knows
     * @param clock what the time says
     * @param last the sequence's last
     */
    public record Floor(long known, long clock, long last) {

        public boolean isReached() {
            return last >= known && last >= clock - MARGIN;
        }

        /**
         * If the sequence is behind by less than what may be granted meanwhile, it is raised by more than is needed.
         */
        long value() {
            return Math.max(Math.max(known, clock), last + MARGIN);
        }
    }
}
