package io.github.mirroredsupervisor.internal.postgres.children;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.postgres.membership.ConfirmedRenewal;
import io.github.mirroredsupervisor.internal.postgres.values.Absurd;
import io.github.mirroredsupervisor.internal.postgres.values.Columns;
import io.github.mirroredsupervisor.internal.postgres.values.SpecJson;
import io.github.mirroredsupervisor.internal.postgres.values.StorableText;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import io.github.mirroredsupervisor.internal.store.rows.SessionLock;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Every change of a child's owner. Each one is a compare-and-set on the owner and token that were read before. It never
 * reads the owner's row in the statement that waits for the lock, as that one would see the state from before the wait
 * (protocol rules 5, 7, 8; faults I1, I24, I28). A token exceeds the child's last one, every token that the peer knows
 * of, the clock, and the tokens of rows that were deleted (protocol rules 11, 11b).
 */
public final class ChildGrants {

    private static final String NEXT_TOKEN =
            "greatest(least(e.above, " + (Absurd.LAST_COUNT - 1) + ") + 1, " + Sequences.FRESH_TOKEN + ")";

    /** A row whose token cannot rise any more must not fail the statement that raises many tokens. */
    private static final String MAY_RISE = "c.fencing_token < " + Absurd.LAST_COUNT;

    private static final String EXPECTED = """
            unnest(:ids::text[], cast(:owners as text[])::uuid[], :tokens::bigint[], :above::bigint[], :crashes::int[])
                as e (id, owner, token, above, crashes)
            """;

    // RowLocks explains why the ids occur twice.
    private static final String AS_EXPECTED = """
            c.group_name = :group and c.id = any (:ids) and c.id = e.id
              and c.owner is not distinct from e.owner and c.fencing_token = e.token
            """;

    // In the order of ids, so that two adopters never wait for each other. Where it waits, it is separate from the
    // change, as GroupTable explains. Rows that are free are locked and changed by one statement: nothing is waited
    // for, so nothing can have changed in the meantime.
    private static final String LOCK = """
            select LOCKED
            from mirrored_supervisor.child c
            join SOURCE on AS_EXPECTED
            order by c.id
            for no key update of c
            """.replace("AS_EXPECTED", AS_EXPECTED);

    private static final String GRANT = """
            update mirrored_supervisor.child c
            set owner = :me,
                fencing_token = NEXT_TOKEN,
                taken_over_at = case when cast(:lost as uuid) is null then c.taken_over_at else pg_catalog.clock_timestamp() end,
                phase = case when REMAINS then c.phase else 'STARTING' end,
                since = case when REMAINS then c.since else pg_catalog.clock_timestamp() end,
                crashes = case when c.owner = :me then c.crashes else e.crashes end,
                restarts = case when c.owner = :me then c.restarts else 0 end,
                restarts_in_window = case when c.owner = :me then c.restarts_in_window else 0 end,
                next_retry = null,
                move_to = nullif(c.move_to, :me),
                type = coalesce(r.type, c.type),
                restart = coalesce(r.restart, c.restart),
                kind = coalesce(r.kind, c.kind),
                spec = coalesce(r.spec::jsonb, c.spec)
            from SOURCE
            left join unnest(:newIds::text[], :newTypes::text[], :newRestarts::text[], :newKinds::text[], :newSpecs::text[])
                as r (id, type, restart, kind, spec) on r.id = e.id
            where AS_EXPECTED and MAY_RISE
              and exists (select from mirrored_supervisor.peer p where p.id = :me and p.state = 'ALIVE' and p.renew_seq >= :confirmed)
              and (cast(:lost as uuid) is null or exists (
                  select from mirrored_supervisor.peer p
                  where p.id = :lost and p.lock_key = :lockKey::bigint and p.server_ident = :lockedOn::text))
            returning c.id, c.fencing_token, e.owner as from_owner
            """.replace("AS_EXPECTED", AS_EXPECTED)
            .replace("NEXT_TOKEN", NEXT_TOKEN)
            .replace("MAY_RISE", MAY_RISE)
            // A stopped, completed or quarantined child keeps its phase when it is adopted, unless a command restarts
            // it.
            .replace(
                    "REMAINS",
                    "(c.owner is distinct from :me and c.answered >= c.revision"
                            + " and c.phase in ('STOPPED', 'COMPLETED', 'QUARANTINED'))");

    // The target was chosen some time ago. If it takes no children any more, nobody would start them, and nobody else
    // would look: then they have no owner.
    private static final String RELEASE = """
            update mirrored_supervisor.child c
            set owner = heir.id,
                fencing_token = NEXT_TOKEN,
                phase = case when REMAINS then c.phase when heir.id is null then 'ORPHANED' else 'STARTING' end,
                since = case when REMAINS then c.since else pg_catalog.clock_timestamp() end,
                crashes = 0,
                restarts = 0,
                restarts_in_window = 0,
                next_retry = null,
                move_to = null
            from SOURCE
            cross join (
                select (
                    select p.id
                    from mirrored_supervisor.peer p
                    where p.id = :target::uuid and p.state = 'ALIVE' and not p.cordoned and not p.leaving) as id) as heir
            where AS_EXPECTED and MAY_RISE
              and not exists (
                  select from mirrored_supervisor.peer p
                  where p.id = :confirmedBy::uuid and p.id = e.owner and p.renew_seq < :confirmed::bigint)
            returning c.id, c.fencing_token, e.owner as from_owner, c.owner as to_owner
            """.replace("NEXT_TOKEN", NEXT_TOKEN)
            .replace("MAY_RISE", MAY_RISE)
            .replace("REMAINS", "c.phase in ('STOPPED', 'COMPLETED', 'QUARANTINED')")
            .replace("AS_EXPECTED", AS_EXPECTED);

    private static final String LOCK_ANY = RowLocks.lock(LOCK, EXPECTED);
    private static final String LOCK_FREE = RowLocks.lockFree(LOCK, EXPECTED, "e");
    private static final String GRANT_LOCKED = RowLocks.ofLocked(GRANT, EXPECTED);
    private static final String GRANT_FREE = LOCK_FREE + RowLocks.ofFree(GRANT, "e");
    private static final String RELEASE_LOCKED = RowLocks.ofLocked(RELEASE, EXPECTED);
    private static final String RELEASE_FREE = LOCK_FREE + RowLocks.ofFree(RELEASE, "e");

    private static final String QUARANTINE =
            """
            update mirrored_supervisor.child c
            set phase = 'QUARANTINED',
                since = pg_catalog.clock_timestamp(),
                answered = revision,
                failure = :reason
            from EXPECTED
            where AS_EXPECTED and c.phase in ('STARTING', 'RUNNING')
            returning c.id, c.fencing_token, e.owner as from_owner
            """.replace("AS_EXPECTED", AS_EXPECTED).replace("EXPECTED", EXPECTED);

    private static final String REMOVE = """
            with removed as (
                delete from mirrored_supervisor.child c
                using EXPECTED
                where AS_EXPECTED
                returning c.group_name, c.id, c.is_static, c.fencing_token, e.owner as from_owner
            ), noted as (
                insert into mirrored_supervisor.removed_child (group_name, id)
                select r.group_name, r.id from removed r where r.is_static
                on conflict do nothing
            )
            select r.id, r.fencing_token, r.from_owner from removed r
            """.replace("AS_EXPECTED", AS_EXPECTED).replace("EXPECTED", EXPECTED);

    private final SpecJson json;
    private final ConfirmedRenewal confirmed;

    public ChildGrants(SpecJson json, ConfirmedRenewal confirmed) {
        this.json = json;
        this.confirmed = confirmed;
    }

    /** Locks the children that are as expected, for the rest of the transaction, and returns them. */
    public List<OwnedToken> lock(JdbcClient jdbc, RowLocks locks, String group, Collection<OwnedToken> expected) {
        Set<String> locked = Set.copyOf(expected(jdbc.sql(LOCK_ANY + locks.clause()), group, expected)
                .query(String.class)
                .list());
        return expected.stream().filter(one -> locked.contains(one.childId())).toList();
    }

    /**
     * Grants children to a peer: those that are free and as expected, by one statement, or else those that this
     * transaction has locked.
     *
     * @param lost the session lock whose end is the only reason for the grant; its peer's row still has to contain it.
     *     Null if there is another reason
     */
    public List<Granted> grant(
            JdbcClient jdbc,
            RowLocks locks,
            String group,
            PeerId me,
            Collection<OwnedToken> expected,
            Map<String, ChildSpec> specs,
            @Nullable SessionLock lost) {
        List<ChildSpec> redefined = new ArrayList<>(specs.values());
        return expected(jdbc.sql(locks == RowLocks.SKIP ? GRANT_FREE : GRANT_LOCKED), group, expected)
                .param("me", me.value())
                .param("confirmed", confirmed.seqOf(me))
                .param("lost", lost == null ? null : lost.peer().value())
                .param("lockKey", lost == null ? null : lost.key())
                .param("lockedOn", lost == null ? null : lost.server())
                .param("newIds", specs.keySet().toArray(String[]::new))
                .param("newTypes", redefined.stream().map(ChildSpec::type).toArray(String[]::new))
                .param(
                        "newRestarts",
                        redefined.stream().map(spec -> spec.restart().name()).toArray(String[]::new))
                .param(
                        "newKinds",
                        redefined.stream().map(spec -> spec.kind().name()).toArray(String[]::new))
                .param("newSpecs", redefined.stream().map(json::write).toArray(String[]::new))
                .query((row, number) -> granted(row))
                .list();
    }

    /**
     * Releases children, of those that {@link #grant} would change: to the target, or to nobody if it takes no
     * children. A database that has forgotten renewals of the owner hands nothing over: another peer may own the child
     * by now.
     */
    public List<Released> release(
            JdbcClient jdbc, RowLocks locks, String group, Collection<OwnedToken> expected, @Nullable PeerId target) {
        ConfirmedRenewal.Renewed last = confirmed.last();
        return expected(jdbc.sql(locks == RowLocks.SKIP ? RELEASE_FREE : RELEASE_LOCKED), group, expected)
                .param("confirmedBy", last.peer().value())
                .param("confirmed", last.seq())
                .param("target", target == null ? null : target.value())
                .query((row, number) -> new Released(granted(row), Columns.peerIdOrNull(row, "to_owner")))
                .list();
    }

    /** Quarantines a locked orphan. Returns whether it was not quarantined before. */
    public boolean quarantine(JdbcClient jdbc, String group, OwnedToken expected, String reason) {
        return !expected(jdbc.sql(QUARANTINE), group, List.of(expected))
                .param("reason", StorableText.storable(reason))
                .query((row, number) -> granted(row))
                .list()
                .isEmpty();
    }

    /** Removes locked children. */
    public List<Granted> remove(JdbcClient jdbc, String group, Collection<OwnedToken> locked) {
        return expected(jdbc.sql(REMOVE), group, locked)
                .query((row, number) -> granted(row))
                .list();
    }

    private static Granted granted(ResultSet row) throws SQLException {
        return new Granted(row.getString("id"), row.getLong("fencing_token"), Columns.peerIdOrNull(row, "from_owner"));
    }

    private static JdbcClient.StatementSpec expected(
            JdbcClient.StatementSpec statement, String group, Collection<OwnedToken> expected) {
        return statement
                .param("group", group)
                .param("ids", expected.stream().map(OwnedToken::childId).toArray(String[]::new))
                .param(
                        "owners",
                        expected.stream()
                                .map(one ->
                                        one.owner() == null ? null : one.owner().toString())
                                .toArray(String[]::new))
                .param("tokens", expected.stream().map(OwnedToken::token).toArray(Long[]::new))
                .param("above", expected.stream().map(OwnedToken::above).toArray(Long[]::new))
                .param("crashes", expected.stream().map(OwnedToken::crashes).toArray(Integer[]::new));
    }

    /**
     * A child whose owner was changed.
     *
     * @param token the token after the change
     * @param from the owner before the change
     */
    public record Granted(String id, long token, @Nullable PeerId from) {}

    /** A released child, and its owner after the change. */
    public record Released(Granted child, @Nullable PeerId to) {}
}
