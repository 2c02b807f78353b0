package io.github.mirroredsupervisor.internal.postgres.children;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What new fencing tokens exceed besides the child's own row (protocol rule 11b): the clock, and a floor. Each grant
 * reads both. The clock covers what the database has forgotten: a token that was granted before a restore is lower than
 * the clock after it. The floor covers rows that were deleted on purpose: a child that is removed and created again
 * continues above its old tokens, even if the clock was set back. The floor is a sequence, as a sequence takes part in
 * no transaction and needs no row lock.
 *
 * <p>Tokens look like 1796005611383748, the microseconds since 1970. They are exact in a double, as JavaScript's
 * numbers are, until 2255. A clock or a floor beyond 2112 is not believed.
 *
 * <p>The sequences of orders are raised above the rows: they are behind after a restore of tables alone, after an
 * upgrade by logical replication, and when they are set back manually.
 */
public final class Sequences {

    /** As in {@code HighestToken}: a greater token was written manually. */
    private static final long FIRST_UNBELIEVABLE = 1L << 52;

    private static final String BELIEVABLE = FIRST_UNBELIEVABLE + "::bigint";

    private static final String CLOCK =
            "least((extract(epoch from pg_catalog.clock_timestamp()) * 1000000::numeric)::bigint, " + BELIEVABLE + ")";

    /** The floor at the time of evaluation, not at the beginning of the statement. */
    static final String FLOOR = lastOf("fencing_token");

    /** A subquery, so that it is evaluated once for all rows of a statement. */
    static final String FRESH_TOKEN =
            """
            (select greatest(case when f.last < BELIEVABLE then f.last + 1::bigint else 0::bigint end, CLOCK)
             from (select LAST as last) as f)""".replace("BELIEVABLE", BELIEVABLE).replace("CLOCK", CLOCK).replace("LAST", FLOOR);

    // One session at a time, as setval cannot check the value that another session has just set. A lock key of two
    // numbers never collides with the peers' own locks, whose keys are one number.
    private static final String ALONE = "pg_catalog.pg_advisory_xact_lock(1836282739, 1953457779)";

    private static final String MAY_RAISE = """
            pg_catalog.has_sequence_privilege('mirrored_supervisor.fencing_token'::text, 'UPDATE'::text)
            """;

    private static final String MAY_RAISE_ALL = """
            (select pg_catalog.bool_and(pg_catalog.has_sequence_privilege('mirrored_supervisor.' || s.name, 'UPDATE'::text))
             from (values ('fencing_token'::text), ('join_order'::text), ('start_order'::text)) as s (name))
            """;

    // Manually written values must not use up the sequence, or no peer could join any more.
    private static final String ORDERS = """
            select 'mirrored_supervisor.join_order'::pg_catalog.regclass as sequence,
                   (select pg_catalog.max(p.join_order) from mirrored_supervisor.peer p
                    where p.join_order < BELIEVABLE) as highest,
                   JOIN_ORDER as last
            union all
            select 'mirrored_supervisor.start_order'::pg_catalog.regclass,
                   (select pg_catalog.max(c.start_order) from mirrored_supervisor.child c
                    where not c.is_static and c.start_order < BELIEVABLE),
                   START_ORDER
            """.replace("BELIEVABLE", BELIEVABLE)
            .replace("JOIN_ORDER", lastOf("join_order"))
            .replace("START_ORDER", lastOf("start_order"));

    // One round trip. The last values are read again when the lock is held.
    private static final String RAISE = """
            with present as materialized (
                select greatest(
                           cast(:above as bigint),
                           (select pg_catalog.max(c.fencing_token) from mirrored_supervisor.child c
                            where c.fencing_token < BELIEVABLE)) as known,
                       CLOCK as clock,
                       LAST as last,
                       exists (select from (ORDERS) as o where o.highest > o.last) as orders_behind,
                       MAY_RAISE as may_raise
            ), due as materialized (
                select p.*, p.may_raise and (p.last < p.known or p.orders_behind) as is_due from present p
            ), bounded as materialized (
                select d.*, case when d.is_due then pg_catalog.set_config('lock_timeout', cast(:wait as text), true) end as lock
                from due d
            ), alone as materialized (
                select b.*, case when b.is_due and :alone then ALONE::text end as alone from bounded b
            )
            select a.known, a.clock, a.last, a.may_raise or not (a.last < a.known or a.orders_behind) as done,
                   case when a.is_due and LAST < a.known
                        then pg_catalog.setval('mirrored_supervisor.fencing_token'::pg_catalog.regclass, a.known) end,
                   case when a.is_due
                        then (select pg_catalog.count(pg_catalog.setval(o.sequence, o.highest)) from (ORDERS) as o
                              where o.highest > o.last) end
            from alone a
            """.replace("BELIEVABLE", BELIEVABLE)
            .replace("MAY_RAISE", MAY_RAISE_ALL.strip())
            .replace("CLOCK", CLOCK)
            .replace("ALONE", ALONE)
            .replace("LAST", FLOOR)
            .replace("ORDERS", ORDERS);

    // One round trip, whose commit waits for no disk. The transaction that deletes the rows does wait, and the server
    // writes its log in order.
    private static final String EXCEED =
            """
            with bounded as materialized (
                select pg_catalog.set_config('lock_timeout', cast(:wait as text), true) as lock,
                       pg_catalog.set_config('synchronous_commit', 'off', true) as asynchronous
            ), alone as materialized (
                select case when :alone then ALONE::text end as lock from bounded
            )
            select case when LAST < cast(:token as bigint) and MAY_RAISE
                        then pg_catalog.setval('mirrored_supervisor.fencing_token'::pg_catalog.regclass, cast(:token as bigint)) end
            from alone
            """.replace("ALONE", ALONE).replace("LAST", FLOOR).replace("MAY_RAISE", MAY_RAISE.strip());

    /**
     * From now on new tokens exceed this one, whose row is about to be deleted. A separate statement, outside of a
     * transaction.
     *
     * @param alone whether to wait for other sessions that raise the floor
     * @param wait how long, in PostgreSQL's notation
     */
    public void exceed(JdbcClient jdbc, long token, boolean alone, String wait) {
        jdbc.sql(EXCEED)
                .param("token", token)
                .param("alone", alone)
                .param("wait", wait)
                .query((row, number) -> number)
                .list();
    }

    /** A manually written token must not become the floor, as no peer would believe that floor. */
    public static boolean isBelievable(long token) {
        return token < FIRST_UNBELIEVABLE;
    }

    /**
     * Raises all sequences above their rows, and the floor above the given token, where that is necessary. A separate
     * statement, outside of a transaction.
     *
     * @param alone whether to wait for other sessions that raise them
     * @param wait how long, in PostgreSQL's notation
     */
    public Floor raise(JdbcClient jdbc, long above, boolean alone, String wait) {
        return jdbc.sql(RAISE)
                .param("above", above)
                .param("alone", alone)
                .param("wait", wait)
                .query((row, number) -> new Floor(
                        row.getLong("known"), row.getLong("clock"), row.getLong("last"), row.getBoolean("done")))
                .single();
    }

    /** The last value of a sequence; 0 if it was never used. */
    private static String lastOf(String sequence) {
        return "coalesce(pg_catalog.pg_sequence_last_value('mirrored_supervisor." + sequence
                + "'::pg_catalog.regclass), 0::bigint)";
    }

    /**
     * What tokens have to exceed.
     *
     * @param known the greatest token that a row contains or the caller knows
     * @param clock the clock's value
     * @param last the floor before
     * @param done whether the sequences are above all of that now; otherwise this role may not raise them
     */
    public record Floor(long known, long clock, long last, boolean done) {

        /** No token granted before is greater. */
        public long highest() {
            return Math.max(Math.max(known, clock), last);
        }
    }
}
