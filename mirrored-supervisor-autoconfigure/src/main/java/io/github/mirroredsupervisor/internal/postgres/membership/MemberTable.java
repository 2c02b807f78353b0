package io.github.mirroredsupervisor.internal.postgres.membership;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerRef;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.internal.postgres.values.Columns;
import io.github.mirroredsupervisor.internal.postgres.values.StorableText;
import io.github.mirroredsupervisor.internal.store.rows.JoinRequest;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.store.rows.Stranger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The memberships of peers in groups. */
public final class MemberTable {

    private static final String INSERT_ALL = """
            with joined as (PEER)
            insert into mirrored_supervisor.member (group_name, peer_id, join_order, types, declared, origin)
            select m.group_name, j.id, j.join_order, m.types, m.declared, m.origin
            from joined j, (values (null, null, null, null) ROWS) as m (group_name, types, declared, origin)
            where m.group_name is not null
            """;

    private static final String ROW = ", (:groupN::text, :typesN::text[], :declaredN::text[], :originN::text)";

    private static final String STRANGER = """
            select m.origin, p.label
            from mirrored_supervisor.member m
            join mirrored_supervisor.peer p on p.id = m.peer_id
            where m.group_name = :group and p.id <> :me and p.state = 'ALIVE' and m.origin <> :origin
            order by p.join_order
            limit 1
            """;

    private static final String GROUPS = """
            select group_name from mirrored_supervisor.member where peer_id = :peer order by group_name
            """;

    private static final String DELETE = "delete from mirrored_supervisor.member where peer_id = :peer";

    private static final String LIST = """
            select p.id, p.label, p.host, p.pid, p.state, p.cordoned or p.leaving as cordoned, p.join_order,
                   p.last_renewed_at, m.types, CHILDREN as children,
                   array(
                       select distinct c.type
                       from mirrored_supervisor.child c
                       where c.owner = p.id and c.group_name = :group and c.desired = 'RUNNING'
                         and c.spec ->> 'takeover' = 'IMMEDIATE') as immediate
            from mirrored_supervisor.member m
            join mirrored_supervisor.peer p on p.id = m.peer_id
            where m.group_name = :group
            order by p.join_order
            """;

    private static final String LIST_UNCOUNTED = LIST.replace("CHILDREN", "0::bigint");

    private static final String LIST_COUNTED = LIST.replace("CHILDREN", """
            (select pg_catalog.count(*) from mirrored_supervisor.child c where c.owner = p.id and c.group_name = :group)""");

    /**
     * Inserts all memberships of a peer with the peer itself, in one statement.
     *
     * @param peer inserts the peer and returns its id and its place in the order of joins
     * @return the statement, which lacks the values of the peer
     */
    static JdbcClient.StatementSpec insertAll(JdbcClient jdbc, String peer, JoinRequest request) {
        List<JoinRequest.Membership> memberships = request.memberships();
        String rows = IntStream.range(0, memberships.size())
                .mapToObj(n -> ROW.replace("N", "" + n))
                .collect(Collectors.joining());
        JdbcClient.StatementSpec statement =
                jdbc.sql(INSERT_ALL.replace("PEER", peer).replace("ROWS", rows));
        for (int n = 0; n < memberships.size(); n++) {
            JoinRequest.Membership membership = memberships.get(n);
            String origin = membership.origin();
            statement
                    .param("group" + n, membership.settings().name())
                    .param("types" + n, membership.types().toArray(String[]::new))
                    .param(
                            "declared" + n,
                            membership.staticChildren().stream()
                                    .map(ChildSpec::id)
                                    .toArray(String[]::new))
                    .param("origin" + n, origin == null ? null : StorableText.clean(origin));
        }
        return statement;
    }

    /** A live member that declares children of another application in the group. */
    public Optional<Stranger> stranger(JdbcClient jdbc, String group, PeerId me, String origin) {
        return jdbc.sql(STRANGER)
                .param("group", StorableText.clean(group))
                .param("me", me.value())
                .param("origin", StorableText.clean(origin))
                .query((row, number) -> new Stranger(row.getString("label"), row.getString("origin")))
                .optional();
    }

    /** The peer's groups, in the order in which their rows are locked. */
    public List<String> groupsOf(JdbcClient jdbc, PeerId peer) {
        return jdbc.sql(GROUPS).param("peer", peer.value()).query(String.class).list();
    }

    public void delete(JdbcClient jdbc, PeerId peer) {
        jdbc.sql(DELETE).param("peer", peer.value()).update();
    }

    /** The members, without the numbers of their children. */
    public List<MemberRow> list(JdbcClient jdbc, String group) {
        return list(jdbc, group, LIST_UNCOUNTED);
    }

    /** The members, with the numbers of their children: reads each of these. */
    public List<MemberRow> listCounted(JdbcClient jdbc, String group) {
        return list(jdbc, group, LIST_COUNTED);
    }

    private static List<MemberRow> list(JdbcClient jdbc, String group, String sql) {
        return jdbc.sql(sql)
                .param("group", StorableText.clean(group))
                .query((row, number) -> member(row))
                .list();
    }

    private static MemberRow member(ResultSet row) throws SQLException {
        PeerId id = new PeerId(row.getObject("id", UUID.class));
        return new MemberRow(
                id,
                new PeerRef(id, row.getString("label"), row.getString("host"), row.getLong("pid")),
                Columns.constant(row.getString("state"), PeerState.DEAD),
                row.getBoolean("cordoned"),
                row.getLong("join_order"),
                Columns.instant(row, "last_renewed_at"),
                types(row, "types"),
                row.getLong("children"),
                types(row, "immediate"));
    }

    private static Set<String> types(ResultSet row, String column) throws SQLException {
        Set<String> types = new TreeSet<>();
        for (Object type : (Object[]) row.getArray(column).getArray()) {
            if (type != null) {
                types.add(type.toString());
            }
        }
        return types;
    }
}
