package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow.Command;
import io.github.mirroredsupervisor.internal.store.rows.OwnedToken;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which declared children nobody declares any more, by the members' rows. */
class UndeclaredRowsTests extends StoreTest {

    private final WorkSession work = work();

    private void join(PeerId peer, String... declared) {
        List<ChildSpec> specs = Arrays.stream(declared).map(StoreTest::spec).toList();
        work.join(request(peer, Set.of("relay"), specs));
    }

    @Test
    void onlyDeclaredChildrenThatNoLiveMemberDeclaresAreUndeclared() {
        join(a, "one", "two");
        join(b, "two");
        work.insert(GROUP, spec("dynamic"), a);
        assertThat(work.undeclared(GROUP)).isEmpty();

        work.leave(a);
        assertThat(work.undeclared(GROUP)).containsExactly("one");
        assertThat(work.undeclared("another")).isEmpty();

        database.jdbc()
                .sql("update mirrored_supervisor.peer set state = 'DEAD' where id = ?")
                .param(b.value())
                .update();
        assertThat(work.undeclared(GROUP)).containsExactlyInAnyOrder("one", "two");
    }

    @Test
    void whatSomebodyDeclaresMeanwhileIsNotRemoved() {
        join(a, "one", "two");
        work.leave(a);
        join(b);
        assertThat(work.undeclared(GROUP)).containsExactlyInAnyOrder("one", "two");
        join(c, "two");

        assertThat(work.removeUndeclared(GROUP, Set.of("one", "two", "unknown")))
                .containsExactly("one");
        assertThat(row(work, "one").command()).isEqualTo(Command.REMOVE);
        assertThat(row(work, "one").desired()).isEqualTo(DesiredState.STOPPED);
        assertThat(row(work, "one").isAnswered()).isFalse();
        assertThat(row(work, "two").command()).isEqualTo(Command.DECLARE);
        assertThat(work.undeclared(GROUP)).isEmpty();
        assertThat(work.removeUndeclared(GROUP, Set.of("one"))).isEmpty();
    }

    @Test
    void whatAMemberDeclaresThatJoinedDuringTheRemovalIsMissedAgain() {
        join(a, "one", "two");
        for (String id : List.of("one", "two")) {
            assertThat(work.removeUndeclared(GROUP, Set.of(id))).isEmpty();
            assertThat(work.delete(GROUP, OwnedToken.of(row(work, id)), stopped(id)))
                    .isTrue();
        }
        join(b, "one");
        work.delete(GROUP, OwnedToken.of(row(work, "one")), stopped("one"));
        work.leave(a);
        assertThat(work.missing(GROUP, Set.of("one", "two"))).isEmpty();

        work.redeclare(GROUP, Set.of("one", "two"));

        assertThat(work.missing(GROUP, Set.of("one", "two"))).containsExactly("one");
    }

    private long stopped(String id) {
        database.jdbc()
                .sql("update mirrored_supervisor.child set phase = 'STOPPED' where id = ?")
                .param(id)
                .update();
        return row(work, id).revision();
    }
}
