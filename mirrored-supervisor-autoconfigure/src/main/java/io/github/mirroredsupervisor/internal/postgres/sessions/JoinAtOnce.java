package io.github.mirroredsupervisor.internal.postgres.sessions;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.internal.postgres.children.ChildCommands.Declared;
import io.github.mirroredsupervisor.internal.postgres.membership.GroupTable;
import io.github.mirroredsupervisor.internal.postgres.values.SpecJson;
import io.github.mirroredsupervisor.internal.postgres.values.StorableText;
import io.github.mirroredsupervisor.internal.store.rows.GroupPolicies.OnEmptyGroup;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow;
import io.github.mirroredsupervisor.internal.store.rows.GroupRow.Flags;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest.Membership;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The usual join in one round trip and one transaction: every group has a row, and each has another live member or a
 * row that nobody else keeps locked. Whatever is not usual changes nothing here, and {@code PeerStatements} goes step
 * by step: a missing row, a row that has to be waited for, a group that is to be reset, and anything that is refused.
 *
 * <p>Each of the three statements sees what was committed before it began. The first one locks the groups without a
 * member, so the second one sees whoever founded them meanwhile. The third one sees the children that the second one
 * deleted. They tell each other what they found by settings that last until the end of the transaction.
 */
final class JoinAtOnce {

    private static final String HAS_MEMBER = """
            exists (
                select
                from mirrored_supervisor.member m
                join mirrored_supervisor.peer p on p.id = m.peer_id
                where m.group_name = GROUP and p.state = 'ALIVE' and p.id <> ?)""";

    private static final String LOCK = """
            with locked as materialized (
                select g.name
                from mirrored_supervisor.supervision_group g
                where g.name = any (?::text[]) and not HAS_MEMBER
                order by g.name
                for no key update of g skip locked
            )
            select pg_catalog.set_config(
                'mirrored_supervisor.locked',
                (select coalesce(pg_catalog.array_agg(name), '{}')::text from locked),
                true);
            """.replace("HAS_MEMBER", HAS_MEMBER.replace("GROUP", "g.name"));

    // What a group without a live member forgets and starts again is that of the peer that founds it, as in
    // ChildCommands. A temporary child that ended is written again and not renewed, so no row is changed twice.
    private static final String ARRIVE = """
            with wanted as materialized (
                select w.*, g.name is not null as known, HAS_MEMBER as beside,
                       w.name = any (pg_catalog.current_setting('mirrored_supervisor.locked')::text[]) as locked
                from unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::integer[], ?::bigint[], ?::text[],
                            ?::text[], ?::boolean[])
                    as w (name, types, declared, origin, strategy, intensity, period_ms, auto_shutdown,
                          on_intensity_exceeded, reset)
                left join mirrored_supervisor.supervision_group g on g.name = w.name
            ), place as materialized (
                select pg_catalog.bool_and(known and (beside or (locked and not reset))) as usual from wanted
            ), founded as materialized (
                select w.* from wanted w, place where place.usual and not w.beside
            ), arrived as (
                insert into mirrored_supervisor.peer (id, label, host, pid, lease_ms, stop_ms)
                select ?, ?, ?, ?, ?, ? from place where place.usual
                on conflict (id) do nothing
                returning id, join_order
            ), me as (
                select id, join_order from arrived
                union all
                select p.id, p.join_order from mirrored_supervisor.peer p, place where p.id = ? and place.usual
            ), entered as (
                insert into mirrored_supervisor.member (group_name, peer_id, join_order, types, declared, origin)
                select w.name, me.id, me.join_order, w.types::text[], w.declared::text[], w.origin from wanted w, me
                on conflict (group_name, peer_id) do nothing
            ), configured as (
                update mirrored_supervisor.supervision_group g
                set strategy = f.strategy, intensity = f.intensity, period_ms = f.period_ms,
                    auto_shutdown = f.auto_shutdown, on_intensity_exceeded = f.on_intensity_exceeded,
                    changed_at = pg_catalog.clock_timestamp()
                from founded f
                where g.name = f.name
                  and (g.strategy, g.intensity, g.period_ms, g.auto_shutdown, g.on_intensity_exceeded)
                      is distinct from (f.strategy, f.intensity, f.period_ms, f.auto_shutdown, f.on_intensity_exceeded)
            ), forgotten as (
                delete from mirrored_supervisor.child
                where (group_name, id) in (
                    select c.group_name, c.id
                    from mirrored_supervisor.child c
                    join founded f on f.name = c.group_name
                    where c.is_static and c.restart = 'TEMPORARY'
                    for update of c skip locked)
            ), renewed as (
                update mirrored_supervisor.child
                set owner = null, phase = 'STARTING', since = pg_catalog.clock_timestamp(), failure = null
                where (group_name, id) in (
                    select c.group_name, c.id
                    from mirrored_supervisor.child c
                    join founded f on f.name = c.group_name
                    where c.is_static and c.restart <> 'TEMPORARY' and c.phase = 'COMPLETED' and c.desired = 'RUNNING'
                      and c.id = any (f.declared::text[])
                    for update of c skip locked)
            ), redeclared as (
                delete from mirrored_supervisor.removed_child r
                using unnest(?::text[], ?::text[], ?::text[]) as d (group_name, id, restart), wanted w, place
                where r.group_name = d.group_name and r.id = d.id and w.name = d.group_name and place.usual
                  and (d.restart <> 'TEMPORARY' or not w.beside)
            )
            select pg_catalog.set_config(
                'mirrored_supervisor.founded',
                case when place.usual
                     then (select coalesce(pg_catalog.array_agg(f.name), '{}')::text from founded f)
                     else '' end,
                true)
            from place;
            """.replace("HAS_MEMBER", HAS_MEMBER.replace("GROUP", "w.name"));

    // Last, as other sessions wait for a new row until it is committed. Otherwise as in ChildCommands.
    private static final String DECLARE = """
            with place as materialized (
                select pg_catalog.current_setting('mirrored_supervisor.founded') as founded
            ), declared as (
                insert into mirrored_supervisor.child
                    (group_name, id, type, restart, kind, spec, phase, is_static, start_order)
                select d.group_name, d.id, d.type, d.restart, d.kind, d.spec::jsonb, 'STARTING', true, d.start_order
                from unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[])
                        as d (group_name, id, type, restart, kind, spec, start_order),
                     place
                where place.founded <> ''
                  and (d.restart <> 'TEMPORARY' or d.group_name = any (nullif(place.founded, '')::text[]))
                  and not exists (
                    select from mirrored_supervisor.child c where c.group_name = d.group_name and c.id = d.id)
                  and not exists (
                    select from mirrored_supervisor.removed_child r where r.group_name = d.group_name and r.id = d.id)
                order by d.group_name, d.id
                on conflict do nothing
            )
            select COLUMNS
            from mirrored_supervisor.supervision_group, place
            where name = any (?::text[]) and place.founded <> ''
            order by name
            """.replace("COLUMNS", GroupTable.COLUMNS);

    private static final String JOIN = LOCK + ARRIVE + DECLARE;

    private final SpecJson json;

    JoinAtOnce(SpecJson json) {
        this.json = json;
    }

    /**
     * Joins. Outside of a transaction, so that the three statements are one.
     *
     * @param memberships in the order of the groups' names
     * @return the rows of the groups; empty if nothing was changed, as this join is not a usual one
     */
    List<GroupRow> join(Connection connection, JoinRequest request, List<Membership> memberships) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(JOIN)) {
            int position = 0;
            for (Object value : parameters(connection, request, memberships)) {
                statement.setObject(++position, value instanceof Object[] many ? array(connection, many) : value);
            }
            statement.execute();
            statement.getMoreResults();
            statement.getMoreResults();
            List<GroupRow> rows = new ArrayList<>();
            try (ResultSet result = statement.getResultSet()) {
                while (result.next()) {
                    rows.add(GroupTable.group(result));
                }
            }
            return rows;
        }
    }

    private List<Object> parameters(Connection connection, JoinRequest request, List<Membership> memberships)
            throws SQLException {
        List<Object> parameters = new ArrayList<>();
        UUID me = request.id().value();
        String[] names = texts(memberships, membership -> membership.settings().name());
        Collections.addAll(parameters, names, me);
        Collections.addAll(parameters, me, names);
        Collections.addAll(
                parameters,
                literals(connection, memberships, Membership::types),
                literals(connection, memberships, JoinAtOnce::ids),
                texts(memberships, m -> m.origin() == null ? null : StorableText.clean(m.origin())));
        List<Flags> flags =
                memberships.stream().map(m -> Flags.of(m.settings())).toList();
        Collections.addAll(
                parameters,
                texts(flags, f -> f.strategy().name()),
                flags.stream().map(Flags::intensity).toArray(Integer[]::new),
                flags.stream().map(f -> f.period().toMillis()).toArray(Long[]::new),
                texts(flags, f -> f.autoShutdown().name()),
                texts(flags, f -> f.onIntensityExceeded().name()),
                memberships.stream().map(JoinAtOnce::isReset).toArray(Boolean[]::new));
        Collections.addAll(
                parameters,
                me,
                StorableText.name(request.ref().label()),
                StorableText.name(request.ref().host()),
                request.ref().pid(),
                request.lease().toMillis(),
                request.stopBound().toMillis(),
                me);
        List<Declared> children = memberships.stream()
                .flatMap(m -> Declared.inOrder(m.settings().name(), m.staticChildren()).stream())
                .toList();
        String[] groups = texts(children, Declared::group);
        String[] ids = texts(children, child -> child.spec().id());
        String[] restarts = texts(children, child -> child.spec().restart().name());
        Collections.addAll(parameters, groups, ids, restarts);
        Collections.addAll(
                parameters,
                groups,
                ids,
                texts(children, child -> child.spec().type()),
                restarts,
                texts(children, child -> child.spec().kind().name()),
                texts(children, child -> json.write(child.spec())),
                children.stream().map(Declared::order).toArray(Long[]::new),
                names);
        return parameters;
    }

    private static boolean isReset(Membership membership) {
        return membership.settings().policies().onEmptyGroup() == OnEmptyGroup.RESET;
    }

    private static List<String> ids(Membership membership) {
        return membership.staticChildren().stream().map(ChildSpec::id).toList();
    }

    private static <T> String[] texts(Collection<T> from, Function<T, @Nullable String> text) {
        return from.stream().map(text).toArray(String[]::new);
    }

    /** Arrays of different lengths cannot be the elements of an array, but their texts can. */
    private static String[] literals(
            Connection connection, List<Membership> memberships, Function<Membership, Collection<String>> texts)
            throws SQLException {
        List<String> literals = new ArrayList<>();
        for (Membership membership : memberships) {
            literals.add(
                    String.valueOf(array(connection, texts.apply(membership).toArray(String[]::new))));
        }
        return literals.toArray(String[]::new);
    }

    private static Array array(Connection connection, Object[] values) throws SQLException {
        String type = values instanceof Long[]
                ? "int8"
                : values instanceof Integer[] ? "int4" : values instanceof Boolean[] ? "bool" : "text";
        return connection.createArrayOf(type, values);
    }
}
