package io.github.mirroredsupervisor.internal.postgres.children;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.postgres.values.Absurd;
import io.github.mirroredsupervisor.internal.postgres.values.Columns;
import io.github.mirroredsupervisor.internal.postgres.values.SpecJson;
import io.github.mirroredsupervisor.internal.postgres.values.StorableText;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What callers request: new children, commands to their owners, deletions. */
public final class ChildCommands {

    // No caller waits for a declared child, so its first revision counts as answered. Its phase distinguishes it from a
    // released child. Existing rows are left out beforehand: a conflict with a row that another session is changing
    // would wait for that session.
    private static final String DECLARE = """
            insert into mirrored_supervisor.child (group_name, id, type, restart, kind, spec, phase, is_static, start_order)
            select d.group_name, d.id, d.type, d.restart, d.kind, d.spec::jsonb, 'STARTING', true, d.start_order
            from unnest(
                    :groups::text[], :ids::text[], :types::text[], :restarts::text[], :kinds::text[], :specs::text[], :orders::bigint[])
                as d (group_name, id, type, restart, kind, spec, start_order)
            where not exists (
                select from mirrored_supervisor.child c where c.group_name = d.group_name and c.id = d.id)
              and UNREMOVED
            order by d.group_name, d.id
            on conflict do nothing
            returning id
            """;

    private static final String DECLARE_UNREMOVED = DECLARE.replace("UNREMOVED", """
            not exists (
                select from mirrored_supervisor.removed_child r where r.group_name = d.group_name and r.id = d.id)""");

    private static final String DECLARE_AGAIN = """
            with forgotten as (
                delete from mirrored_supervisor.removed_child r
                using unnest(:groups::text[], :ids::text[]) as d (group_name, id)
                where r.group_name = d.group_name and r.id = d.id
            )
            """ + DECLARE.replace("UNREMOVED", "true");

    private static final String MISSING = """
            select d.id
            from unnest(:ids::text[]) as d (id)
            where not exists (select from mirrored_supervisor.child c where c.group_name = :group and c.id = d.id)
              and not exists (select from mirrored_supervisor.removed_child r where r.group_name = :group and r.id = d.id)
            """;

    private static final String DECLARED_BY_LIVE_MEMBERS = """
            select pg_catalog.unnest(m.declared) as id
            from mirrored_supervisor.member m
            join mirrored_supervisor.peer p on p.id = m.peer_id
            where m.group_name = :group and p.state = 'ALIVE'""";

    private static final String IS_UNDECLARED = """
            c.group_name = :group and c.is_static and c.command <> 'REMOVE'
              and not exists (select from (LIVE) d where d.id = c.id)
            """.replace("LIVE", DECLARED_BY_LIVE_MEMBERS);

    private static final String UNDECLARED = """
            select c.id
            from mirrored_supervisor.child c
            where IS_UNDECLARED
            """.replace("IS_UNDECLARED", IS_UNDECLARED);

    private static final String REMOVE_UNDECLARED =
            """
            update mirrored_supervisor.child
            set revision = least(revision, LAST) + 1,
                answered = least(answered, revision, LAST),
                command = 'REMOVE',
                desired = 'STOPPED',
                failure = null
            where group_name = :group and id in (
                select c.id
                from mirrored_supervisor.child c
                where c.id = any (:ids) and IS_UNDECLARED
                for no key update skip locked)
            returning id
            """.replace("IS_UNDECLARED", IS_UNDECLARED).replace("LAST", Long.toString(Absurd.LAST_COUNT - 1));

    private static final String REDECLARE = """
            delete from mirrored_supervisor.removed_child r
            where r.group_name = :group and r.id = any (:ids) and r.id in (LIVE)
            """.replace("LIVE", DECLARED_BY_LIVE_MEMBERS);

    // In the order of ids, so that no two sessions wait for each other. Known ids are left out beforehand, as in
    // DECLARE. Nothing is started in a terminated group (semantics row B48).
    private static final String INSERT = """
            with written as (
                insert into mirrored_supervisor.child
                    (group_name, id, type, restart, kind, spec, phase, owner, fencing_token, command, answered)
                select :group, n.id, n.type, n.restart, n.kind, n.spec::jsonb, 'STARTING', :owner::uuid, FRESH_TOKEN, :command, 0
                from unnest(:ids::text[], :types::text[], :restarts::text[], :kinds::text[], :specs::text[])
                    as n (id, type, restart, kind, spec)
                where not exists (
                    select from mirrored_supervisor.child c where c.group_name = :group and c.id = n.id)
                  and not exists (
                    select from mirrored_supervisor.supervision_group g where g.name = :group and g.state = 'TERMINATED')
                order by n.id
                on conflict do nothing
                returning *
            )
            """.replace("FRESH_TOKEN", Sequences.FRESH_TOKEN)
            + ChildRowMapper.selectWritten(Sequences.FLOOR + " as floor");

    // The insert chose its token and then waited for the uncommitted deletion of a row with the same id.
    private static final String RAISE_LOW =
            """
            with written as (
                update mirrored_supervisor.child
                set fencing_token = greatest(fencing_token + 1, FRESH_TOKEN)
                where group_name = :group and id = any (:ids)
                returning *
            )
            """.replace("FRESH_TOKEN", Sequences.FRESH_TOKEN) + ChildRowMapper.selectWritten();

    private static final String COMMAND =
            """
            with written as (
                update mirrored_supervisor.child
                set revision = least(revision, LAST) + 1,
                    answered = least(answered, revision, LAST),
                    command = :command,
                    desired = :desired,
                    failure = null,
                    crashes = case when :command = 'START' then crashes else 0 end,
                    type = coalesce(:type::text, type),
                    restart = coalesce(:restart::text, restart),
                    kind = coalesce(:kind::text, kind),
                    spec = coalesce(:spec::jsonb, spec)
                where group_name = :group and id = :id and revision = :revision
                returning *
            )
            """.replace("LAST", Long.toString(Absurd.LAST_COUNT - 1)) + ChildRowMapper.selectWritten();

    private static final String REQUEST_MOVE = """
            update mirrored_supervisor.child
            set move_to = :target::uuid
            where group_name = :group and id = :id and revision = :revision
            returning id,
                (select p.id from mirrored_supervisor.peer p where p.id = child.owner and p.state = 'ALIVE') as owner
            """;

    private static final String DELETE = """
            with deleted as (
                delete from mirrored_supervisor.child
                where group_name = :group and id = :id and revision = :revision
                  and owner is not distinct from :owner::uuid and fencing_token = :token
                  and (phase in ('STOPPED', 'COMPLETED', 'QUARANTINED')
                       or (phase = 'STUCK' and desired = 'STOPPED' and answered >= revision))
                returning group_name, id, is_static
            ), noted as (
                insert into mirrored_supervisor.removed_child (group_name, id)
                select d.group_name, d.id from deleted d where d.is_static
                on conflict do nothing
            )
            select d.id from deleted d
            """;

    private static final String DELETE_ORPHAN = """
            with deleted as (
                delete from mirrored_supervisor.child
                where group_name = :group and id = :id and revision = :revision
                  and owner is not distinct from :owner::uuid and fencing_token = :token
                returning group_name, id, is_static
            ), noted as (
                insert into mirrored_supervisor.removed_child (group_name, id)
                select d.group_name, d.id from deleted d where d.is_static
                on conflict do nothing
            )
            select d.id from deleted d
            """;

    private static final String NOBODY_ELSE = """
            not exists (
                select
                from mirrored_supervisor.member m
                join mirrored_supervisor.peer p on p.id = m.peer_id
                where m.group_name = :group and p.state = 'ALIVE' and p.id <> :but)""";

    private static final String IDS = "select id from mirrored_supervisor.child where group_name = :group order by id";

    // Rows that another session keeps locked are left for the sweep. A peer may have joined without the group's lock,
    // as it saw a member that has left since. It keeps the children that it has started: a child's row is no older than
    // its member's.
    private static final String DELETE_ALL = """
            delete from mirrored_supervisor.child
            where group_name = :group
              and id in (
                select id from mirrored_supervisor.child
                where group_name = :group and id = any (coalesce(:ids::text[], array[id]))
                for update skip locked)
              and NOBODY_ELSE
            returning id
            """.replace("NOBODY_ELSE", NOBODY_ELSE);

    // Here too: rows that another session keeps locked stay unchanged, and so do all rows once another peer has joined.
    private static final String FORGET_TEMPORARY = """
            delete from mirrored_supervisor.child
            where group_name = :group and id in (
                select id from mirrored_supervisor.child
                where group_name = :group and is_static and restart = 'TEMPORARY'
                  and id = any (coalesce(:ids::text[], array[id]))
                for update skip locked)
              and NOBODY_ELSE
            """.replace("NOBODY_ELSE", NOBODY_ELSE);

    private static final String RENEW = """
            update mirrored_supervisor.child
            set owner = null, phase = 'STARTING', since = pg_catalog.clock_timestamp(), failure = null
            where group_name = :group and id in (
                select id from mirrored_supervisor.child
                where group_name = :group and is_static and phase = 'COMPLETED' and desired = 'RUNNING'
                  and id = any (:ids)
                for update skip locked)
              and NOBODY_ELSE
            """.replace("NOBODY_ELSE", NOBODY_ELSE);

    // No row is changed twice by one statement.
    private static final String BEGIN_ANEW = """
            with forgotten as (FORGET_TEMPORARY)
            RENEW and restart <> 'TEMPORARY'
            """.replace(
                    "FORGET_TEMPORARY", FORGET_TEMPORARY.replace(":ids", "null::text[]"))
            .replace("RENEW", RENEW);

    private final SpecJson json;
    private final ChildRowMapper mapper;

    public ChildCommands(SpecJson json, ChildRowMapper mapper) {
        this.json = json;
        this.mapper = mapper;
    }

    /** Which of these have no row, though they were not removed on purpose. */
    public Set<String> missing(JdbcClient jdbc, String group, Collection<String> ids) {
        return Set.copyOf(jdbc.sql(MISSING)
                .param("group", group)
                .param("ids", ids.toArray(String[]::new))
                .query(String.class)
                .list());
    }

    /** Declared children that no live member declares, and that are not being removed. */
    public Set<String> undeclared(JdbcClient jdbc, String group) {
        return Set.copyOf(
                jdbc.sql(UNDECLARED).param("group", group).query(String.class).list());
    }

    /** Commands the removal of those that still are undeclared. Returns their ids. */
    public List<String> removeUndeclared(JdbcClient jdbc, String group, Collection<String> ids) {
        return jdbc.sql(REMOVE_UNDECLARED)
                .param("group", group)
                .param("ids", ids.toArray(String[]::new))
                .query(String.class)
                .list();
    }

    /** Forgets the removal of those children that a live member declares. */
    public void redeclare(JdbcClient jdbc, String group, Collection<String> ids) {
        jdbc.sql(REDECLARE)
                .param("group", group)
                .param("ids", ids.toArray(String[]::new))
                .update();
    }

    /** Inserts the children that are new and were not removed on purpose, without an owner. Returns their ids. */
    public Set<String> declare(JdbcClient jdbc, Collection<Declared> children) {
        return declare(jdbc, DECLARE_UNREMOVED, children);
    }

    /** As {@link #declare}, even those that were removed before. */
    public Set<String> declareAgain(JdbcClient jdbc, Collection<Declared> children) {
        return declare(jdbc, DECLARE_AGAIN, children);
    }

    private Set<String> declare(JdbcClient jdbc, String sql, Collection<Declared> children) {
        List<String> written = jdbc.sql(sql)
                .param("groups", children.stream().map(Declared::group).toArray(String[]::new))
                .param("ids", children.stream().map(child -> child.spec().id()).toArray(String[]::new))
                .param(
                        "types",
                        children.stream().map(child -> child.spec().type()).toArray(String[]::new))
                .param(
                        "restarts",
                        children.stream()
                                .map(child -> child.spec().restart().name())
                                .toArray(String[]::new))
                .param(
                        "kinds",
                        children.stream()
                                .map(child -> child.spec().kind().name())
                                .toArray(String[]::new))
                .param(
                        "specs",
                        children.stream().map(child -> json.write(child.spec())).toArray(String[]::new))
                .param("orders", children.stream().map(Declared::order).toArray(Long[]::new))
                .query(String.class)
                .list();
        return Set.copyOf(written);
    }

    /** The ids of all children of a group. */
    public List<String> ids(JdbcClient jdbc, String group) {
        return jdbc.sql(IDS).param("group", group).query(String.class).list();
    }

    /**
     * Deletes the temporary declared children of a group without a live member but this one, so that they can be
     * declared again.
     *
     * @param ids only these children; null for all
     */
    public void forgetTemporary(JdbcClient jdbc, String group, @Nullable Collection<String> ids, PeerId but) {
        jdbc.sql(FORGET_TEMPORARY)
                .param("group", group)
                .param("but", but.value())
                .param("ids", ids == null ? null : ids.toArray(String[]::new))
                .update();
    }

    /** {@link #forgetTemporary} of all children, and {@link #renew} of the others. */
    public void beginAnew(JdbcClient jdbc, String group, Collection<String> ids, PeerId but) {
        jdbc.sql(BEGIN_ANEW)
                .param("group", group)
                .param("but", but.value())
                .param("ids", ids.toArray(String[]::new))
                .update();
    }

    /**
     * Resets the completed declared children of a group without a live member but this one to their state before they
     * ran.
     */
    public void renew(JdbcClient jdbc, String group, Collection<String> ids, PeerId but) {
        jdbc.sql(RENEW)
                .param("group", group)
                .param("but", but.value())
                .param("ids", ids.toArray(String[]::new))
                .update();
    }

    /**
     * Returns the children whose ids were not known; none if the group is terminated.
     *
     * @param owner who starts them; null for the peer that claims them first
     */
    public List<ChildRow> insert(JdbcClient jdbc, String group, Collection<ChildSpec> specs, @Nullable PeerId owner) {
        Set<String> low = new HashSet<>();
        List<ChildRow> written = jdbc.sql(INSERT)
                .param("group", group)
                .param("ids", texts(specs, ChildSpec::id))
                .param("types", texts(specs, ChildSpec::type))
                .param("restarts", texts(specs, spec -> spec.restart().name()))
                .param("kinds", texts(specs, spec -> spec.kind().name()))
                .param("specs", texts(specs, json::write))
                .param("owner", owner == null ? null : owner.value())
                .param("command", owner == null ? ChildRow.Command.RESTART.name() : ChildRow.Command.START.name())
                .query((row, number) -> {
                    ChildRow child = mapper.mapRow(row, number);
                    if (child.token() <= row.getLong("floor")) {
                        low.add(child.id());
                    }
                    return child;
                })
                .list();
        return low.isEmpty() ? written : raised(jdbc, group, written, low);
    }

    private List<ChildRow> raised(JdbcClient jdbc, String group, List<ChildRow> written, Set<String> low) {
        List<ChildRow> raised = jdbc.sql(RAISE_LOW)
                .param("group", group)
                .param("ids", low.toArray(String[]::new))
                .query(mapper)
                .list();
        return Stream.concat(written.stream().filter(row -> !low.contains(row.id())), raised.stream())
                .toList();
    }

    private static String[] texts(Collection<ChildSpec> specs, Function<ChildSpec, String> column) {
        return specs.stream().map(column).toArray(String[]::new);
    }

    /** Returns nothing if the row has another revision or is gone. */
    public Optional<ChildRow> command(
            JdbcClient jdbc,
            String group,
            String id,
            long revision,
            ChildRow.Command command,
            DesiredState desired,
            @Nullable ChildSpec spec) {
        return jdbc.sql(COMMAND)
                .param("group", group)
                .param("id", StorableText.clean(id))
                .param("revision", revision)
                .param("command", command.name())
                .param("desired", desired.name())
                .param("type", spec == null ? null : spec.type())
                .param("restart", spec == null ? null : spec.restart().name())
                .param("kind", spec == null ? null : spec.kind().name())
                .param("spec", spec == null ? null : json.write(spec))
                .query(mapper)
                .optional();
    }

    /** Returns nothing if the row has another revision or is gone. */
    public Optional<MoveRequest> requestMove(
            JdbcClient jdbc, String group, String id, long revision, @Nullable PeerId target) {
        return row(jdbc.sql(REQUEST_MOVE), group, id, revision)
                .param("target", target == null ? null : target.value())
                .query((row, number) -> new MoveRequest(Columns.peerIdOrNull(row, "owner")))
                .optional();
    }

    public boolean delete(JdbcClient jdbc, String group, OwnedToken expected, long revision) {
        return delete(jdbc, DELETE, group, expected, revision);
    }

    /** Deletes the child in any phase: its owner is known to be gone. Does nothing if a peer has claimed it since. */
    public boolean deleteOrphan(JdbcClient jdbc, String group, OwnedToken expected, long revision) {
        return delete(jdbc, DELETE_ORPHAN, group, expected, revision);
    }

    private static boolean delete(JdbcClient jdbc, String sql, String group, OwnedToken expected, long revision) {
        PeerId owner = expected.owner();
        return row(jdbc.sql(sql), group, expected.childId(), revision)
                .param("owner", owner == null ? null : owner.value())
                .param("token", expected.token())
                .query(String.class)
                .optional()
                .isPresent();
    }

    /**
     * Deletes the children of a group without a live member but this one. Returns their ids.
     *
     * @param ids only these children; null for all
     */
    public List<String> deleteAll(JdbcClient jdbc, String group, @Nullable Collection<String> ids, PeerId but) {
        return jdbc.sql(DELETE_ALL)
                .param("group", group)
                .param("ids", ids == null ? null : ids.toArray(String[]::new))
                .param("but", but.value())
                .query(String.class)
                .list();
    }

    private static JdbcClient.StatementSpec row(
            JdbcClient.StatementSpec statement, String group, String id, long revision) {
        return statement
                .param("group", group)
                .param("id", StorableText.clean(id))
                .param("revision", revision);
    }

    /** A move that was requested or withdrawn, and the live owner that carries it out; null if there is none. */
    public record MoveRequest(@Nullable PeerId owner) {}

    /** A declared child and its position in the start order. */
    public record Declared(String group, ChildSpec spec, long order) {}
}
