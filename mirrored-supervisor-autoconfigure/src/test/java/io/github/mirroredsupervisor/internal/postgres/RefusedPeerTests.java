package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.PeerState;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.Heartbeat;
import io.github.mirroredsupervisor.internal.store.rows.MemberRow;
import io.github.mirroredsupervisor.internal.store.rows.Renewal.PeerBeat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A peer's row that the database refuses to change is that peer's matter: others join, renew, act and leave. */
class RefusedPeerTests extends StoreTest {

    private static final List<String> TABLES = List.of("peer", "member");

    private WorkSession work;
    private RenewalSession renewals;

    @BeforeEach
    void join() {
        undo();
        work = work();
        renewals = renewals();
        work.join(request(a, Set.of("relay"), List.of(spec("one"), spec("two"))));
        work.join(request(b, Set.of("relay"), List.of(spec("one"), spec("two"))));
        grant(work, b, expected(work.allRows(GROUP)));
        objectToAnyChangeOf(b);
    }

    @AfterEach
    void undo() {
        for (String table : TABLES) {
            database.execute("drop trigger if exists objecting on mirrored_supervisor." + table);
        }
    }

    @Test
    void itKeepsNoNewcomerOut() {
        assertThatThrownBy(() -> renewals.renew(b)).isInstanceOf(StoreRefusedException.class);

        assertThat(work.join(request(c, Set.of("relay"), List.of(spec("one"), spec("three")))))
                .hasSize(1);
        assertThat(renewals.renew(c).renewed()).isTrue();
        assertThat(renewals.renew(c).peers()).extracting(PeerBeat::id).containsExactlyInAnyOrder(a, b);
        assertThat(work.members(GROUP)).extracting(MemberRow::id).containsExactly(a, b, c);
        assertThat(work.allRows(GROUP)).extracting(ChildRow::id).containsExactlyInAnyOrder("one", "two", "three");
    }

    @Test
    void itKeepsNobodyFromDeclaringOthersDead() {
        work.join(request(c, Set.of("relay"), List.of()));
        renewals.renew(c);
        assertThatThrownBy(() -> work.certify(a, b, last(b))).isInstanceOf(StoreRefusedException.class);

        assertThat(work.certify(a, c, last(c))).isTrue();
        assertThat(renewals.renew(c).renewed()).isFalse();
    }

    @Test
    void itKeepsNobodyFromLeavingOrFromBeingCordoned() {
        work.cordon(a, true);
        assertThatThrownBy(() -> work.cordon(b, true)).isInstanceOf(StoreRefusedException.class);
        work.leaving(a);
        work.leave(a);

        assertThat(work.members(GROUP)).extracting(MemberRow::id).containsExactly(b);
        assertThat(work.members(GROUP)).extracting(MemberRow::state).containsExactly(PeerState.ALIVE);
    }

    private Heartbeat last(PeerId peer) {
        return renewals.renew(a).peers().stream()
                .filter(beat -> beat.id().equals(peer))
                .map(PeerBeat::last)
                .findFirst()
                .orElseThrow();
    }

    private void objectToAnyChangeOf(PeerId peer) {
        database.execute("create or replace function public.object() returns trigger language plpgsql as $$ begin"
                + " if coalesce(to_jsonb(old) ->> 'peer_id', to_jsonb(old) ->> 'id') = '" + peer + "'"
                + " then raise exception 'not this peer'; end if;"
                + " return case when tg_op = 'DELETE' then old else new end; end $$");
        for (String table : TABLES) {
            database.execute("create trigger objecting before update or delete on mirrored_supervisor." + table
                    + " for each row execute function public.object()");
        }
    }
}
