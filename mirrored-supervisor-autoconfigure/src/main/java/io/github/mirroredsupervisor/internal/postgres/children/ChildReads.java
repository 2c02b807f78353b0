package io.github.mirroredsupervisor.internal.postgres.children;

import io.github.mirroredsupervisor.ChildCounts;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.postgres.values.Absurd;
import io.github.mirroredsupervisor.internal.postgres.values.StorableText;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads children; nothing here locks or changes a row. */
public final class ChildReads {

    private static final String SELECT = "select " + ChildRowMapper.COLUMNS + """
            from mirrored_supervisor.child c
            left join mirrored_supervisor.peer p on p.id = c.owner
            where c.group_name = :group
            """;

    private static final String ORDER = " order by c.start_order, c.id";

    // Every owner of a child is looked up once, by the index of owners, so that the children of others are not read
    // (protocol rule 5b). An owner may have no row.
    private static final String TO_ACT_ON = """
            with recursive owners as (
                (select c.owner from mirrored_supervisor.child c where c.owner is not null order by c.owner limit 1)
                union all
                select (
                    select c.owner from mirrored_supervisor.child c where c.owner > o.owner order by c.owner limit 1)
                from owners o
                where o.owner is not null
            ), ended as materialized (
                select o.owner
                from owners o
                where o.owner is not null and not exists (
                    select from mirrored_supervisor.peer p where p.id = o.owner and p.state = 'ALIVE')
            )
            """ + SELECT + """
              and (c.owner is null or c.owner = :me or c.move_to = :me or c.owner = any (array(select e.owner from ended e)))
            """ + ORDER;

    // A row's xmin changes with each of its versions. Children become orphans by the end of their owner alone, so the
    // number of ended peers counts too.
    private static final String DIGEST = """
            with ended as materialized (
                select array(select p.id from mirrored_supervisor.peer p where p.state <> 'ALIVE') as ids
            )
            select pg_catalog.concat_ws(
                ' ',
                (select g.xmin from mirrored_supervisor.supervision_group g where g.name = :group),
                (select pg_catalog.cardinality(e.ids) from ended e),
                (select pg_catalog.count(*)
                 from mirrored_supervisor.removed_child r
                 where r.group_name = :group),
                pg_catalog.count(*),
                pg_catalog.sum(pg_catalog.hashtextextended(c.id, c.xmin::text::bigint)))
            from mirrored_supervisor.child c
            where c.group_name = :group
              and (c.owner = :me or c.owner is null or c.move_to = :me or c.owner = any (array(select pg_catalog.unnest(e.ids) from ended e)))
            """;

    private static final String SOME = SELECT + " and c.id = any (:ids)" + ORDER;

    private static final String ALL = SELECT + ORDER;

    // The times are those of the database's clock. If that clock is set, the only effect is that one move more or less
    // is damped.
    private static final String IMMEDIATE = SELECT + """
              and c.owner = :owner and c.spec ->> 'takeover' = 'IMMEDIATE'
              and (c.taken_over_at is null or c.taken_over_at not between
                   pg_catalog.clock_timestamp() - LEASE and pg_catalog.clock_timestamp())
            """.replace("LEASE", Absurd.lease()) + ORDER;

    private static final String COUNT = """
            select pg_catalog.count(*) as specs,
                   pg_catalog.count(*) filter (where c.phase = 'RUNNING' and p.state = 'ALIVE') as active,
                   pg_catalog.count(*) filter (where c.kind = 'SUPERVISOR') as supervisors,
                   pg_catalog.count(*) filter (where c.kind <> 'SUPERVISOR') as workers
            from mirrored_supervisor.child c
            left join mirrored_supervisor.peer p on p.id = c.owner
            where c.group_name = :group
            """;

    private static final String ACTIVE_SIGNIFICANT = """
            select exists (
                select
                from mirrored_supervisor.child c
                where c.group_name = :group and c.spec ->> 'significant' = 'true' and c.desired = 'RUNNING'
                  and c.phase not in ('STOPPED', 'COMPLETED', 'QUARANTINED'))
            """;

    private final ChildRowMapper mapper;

    public ChildReads(ChildRowMapper mapper) {
        this.mapper = mapper;
    }

    /** The peer's own children, the children that are to move to it, and the orphans. */
    public List<ChildRow> toActOn(JdbcClient jdbc, String group, PeerId me) {
        return jdbc.sql(TO_ACT_ON)
                .param("group", StorableText.clean(group))
                .param("me", me.value())
                .query(mapper)
                .list();
    }

    /** A value that differs whenever one of {@link #toActOn} or the group has changed. */
    public String digest(JdbcClient jdbc, String group, PeerId me) {
        return jdbc.sql(DIGEST)
                .param("group", StorableText.clean(group))
                .param("me", me.value())
                .query(String.class)
                .single();
    }

    /** The children of an owner that may move on a hint and have not just moved. */
    public List<ChildRow> immediate(JdbcClient jdbc, String group, PeerId owner) {
        return jdbc.sql(IMMEDIATE)
                .param("group", StorableText.clean(group))
                .param("owner", owner.value())
                .query(mapper)
                .list();
    }

    public List<ChildRow> some(JdbcClient jdbc, String group, Set<String> ids) {
        return jdbc.sql(SOME)
                .param("group", StorableText.clean(group))
                .param("ids", ids.stream().map(StorableText::clean).toArray(String[]::new))
                .query(mapper)
                .list();
    }

    public List<ChildRow> all(JdbcClient jdbc, String group) {
        return jdbc.sql(ALL)
                .param("group", StorableText.clean(group))
                .query(mapper)
                .list();
    }

    /** Whether a significant child runs or is about to run (semantics row A51). */
    public boolean hasActiveSignificant(JdbcClient jdbc, String group) {
        return jdbc.sql(ACTIVE_SIGNIFICANT)
                .param("group", StorableText.clean(group))
                .query(Boolean.class)
                .single();
    }

    public ChildCounts count(JdbcClient jdbc, String group) {
        return jdbc.sql(COUNT)
                .param("group", StorableText.clean(group))
                .query((row, number) -> new ChildCounts(
                        row.getLong("specs"),
                        row.getLong("active"),
                        row.getLong("supervisors"),
                        row.getLong("workers")))
                .single();
    }
}
