package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.ChildSpec;
import io.github.mirroredsupervisor.DesiredState;
import io.github.mirroredsupervisor.StoreRefusedException;
import io.github.mirroredsupervisor.StoreUnavailableException;
import io.github.mirroredsupervisor.internal.postgres.sessions.PostgresStore;
import io.github.mirroredsupervisor.internal.store.RenewalSession;
import io.github.mirroredsupervisor.internal.store.WorkSession;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestStores;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** "No" is not "no answer": what the server refuses costs no session, and is said once, with its reason. */
@ExtendWith(OutputCaptureExtension.class)
class RefusalTests extends StoreTest {

    private static final String TABLES = "all tables in schema mirrored_supervisor";

    private final String role = "plain_" + database.name();

    @BeforeEach
    void createRoleAndJoin() {
        database.execute(
                "create role " + role + " login password 'plain'",
                "grant usage on schema mirrored_supervisor to " + role,
                "grant select, insert, update, delete on " + TABLES + " to " + role,
                "grant usage on all sequences in schema mirrored_supervisor to " + role);
        work().join(request(a, Set.of("relay"), List.of(spec("one"))));
    }

    @AfterEach
    void undo() throws Exception {
        closeSessions();
        database.execute(
                "drop index if exists mirrored_supervisor.one_of_each_type",
                "drop trigger if exists objecting on mirrored_supervisor.child",
                "drop function if exists public.object() cascade",
                "drop sequence if exists public.tries",
                "drop owned by " + role,
                "drop role " + role);
    }

    @Test
    void aMissingRightCostsNeitherTheSessionNorMoreThanOneLine(CapturedOutput output) {
        RenewalSession renewals = opened(plainStore(Duration.ofSeconds(1)).openRenewals());
        await().ignoreException(StoreUnavailableException.class)
                .until(() -> renewals.renew(a).renewed());
        Integer session = backendOf("renew");
        database.execute("revoke update on mirrored_supervisor.peer from " + role);

        for (int i = 0; i < 5; i++) {
            StoreRefusedException refused = refused(() -> renewals.renew(a));
            assertThat(refused.sqlState()).isEqualTo("42501");
            assertThat(refused)
                    .hasMessageContaining("permission denied for table peer")
                    .hasMessageContaining("UPDATE");
        }
        assertThat(backendOf("renew")).isEqualTo(session);
        assertThat(output.getOut().split("Refused to renew the lease", -1)).hasSize(2);

        database.execute("revoke select on mirrored_supervisor.member from " + role);
        refused(() -> renewals.renew(a));
        database.execute("grant select, update on " + TABLES + " to " + role);
        await().untilAsserted(() -> {
            assertThat(renewals.renew(a).renewed()).isTrue();
            assertThat(output).contains("No longer refused over the renew connection");
        });
        assertThat(output.getOut().split("No longer refused over the renew connection", -1))
                .hasSize(2);
        assertThat(backendOf("renew")).isEqualTo(session);
    }

    @Test
    void anotherReasonIsAnotherLine(CapturedOutput output) {
        WorkSession work = opened(plainStore(Duration.ofSeconds(30)).openWork());
        database.execute("revoke select on mirrored_supervisor.child from " + role);
        refused(() -> work.allRows(GROUP));
        refused(() -> work.allRows(GROUP));
        database.execute("revoke usage on schema mirrored_supervisor from " + role);
        refused(() -> work.allRows(GROUP));
        refused(() -> work.allRows(GROUP));

        assertThat(output.getOut().split("Refused to read the children of group", -1))
                .hasSize(3);
        assertThat(output).contains("permission denied for table child").contains("permission denied for schema");
    }

    @Test
    void aTransactionThatIsRefusedIsRolledBackAndTheNextOneRuns() {
        WorkSession work = opened(plainStore(Duration.ofSeconds(30)).openWork());
        work.group(GROUP);
        Integer session = backendOf("work");
        objectTo("raise exception 'not this one' using errcode = '23514', table = 'child', constraint = 'house_rule'");

        StoreRefusedException refused = refused(() -> work.insert(GROUP, spec("two"), a));

        assertThat(refused).hasMessageContaining("not this one").hasMessageContaining("constraint house_rule");
        database.execute("drop trigger objecting on mirrored_supervisor.child");
        assertThat(work.insert(GROUP, spec("two"), a)).isNotNull();
        assertThat(backendOf("work")).isEqualTo(session);
    }

    @Test
    void whatLosesAgainstAnotherTransactionIsTriedAgain() {
        WorkSession work = opened(plainStore(Duration.ofSeconds(30)).openWork());
        for (String state : List.of("40001", "40P01")) {
            objectOnce(state);
            assertThat(work.insert(GROUP, ChildSpec.of("after " + state, "relay"), a))
                    .isNotNull();
        }
    }

    @Test
    void aRowThatIsInTheWayIsNamed() {
        WorkSession work = opened(plainStore(Duration.ofSeconds(30)).openWork());
        database.execute("create unique index one_of_each_type on mirrored_supervisor.child (type)");

        ChildRow other = work.insert(GROUP, ChildSpec.of("two", "other"), a);

        StoreRefusedException refused = refused(() -> work.command(
                GROUP,
                "two",
                other.revision(),
                ChildRow.Command.START,
                DesiredState.RUNNING,
                ChildSpec.of("two", "relay")));

        assertThat(refused.sqlState()).isEqualTo("23505");
        assertThat(refused)
                .hasMessageContaining("table mirrored_supervisor.child")
                .hasMessageContaining("constraint one_of_each_type")
                .hasMessageContaining("(type)=(relay)");
    }

    @Test
    void aMissingTableIsNotSilence() {
        WorkSession work = opened(plainStore(Duration.ofSeconds(30)).openWork());
        database.execute("alter table mirrored_supervisor.member rename to elsewhere");
        try {
            assertThat(refused(() -> work.members(GROUP)))
                    .hasMessageContaining("mirrored_supervisor.member")
                    .hasMessageContaining("schema.migrate");
        } finally {
            database.execute("alter table mirrored_supervisor.elsewhere rename to member");
        }
        assertThat(work.members(GROUP)).hasSize(1);
    }

    @Test
    void whoMayNotComeInIsRefusedWithTheReason() {
        Database wrongPassword = new Database(database.jdbcUrl(), role, "wrong");
        database.execute("alter role " + role + " nologin");
        StoreRefusedException refused =
                refused(() -> opened(new PostgresStore(TestStores.settings(wrongPassword)).openWork())
                        .group(GROUP));
        assertThat(refused.sqlState()).startsWith("28");
        assertThat(refused).hasMessageContaining(role).hasMessageNotContaining("within");

        Database elsewhere = new Database(
                database.jdbcUrl().replace(database.name(), "no_such_db"), database.username(), database.password());
        assertThat(refused(() -> opened(new PostgresStore(TestStores.settings(elsewhere)).openWork())
                                .group(GROUP))
                        .sqlState())
                .isEqualTo("3D000");
    }

    private PostgresStore plainStore(Duration lease) {
        Database plain = new Database(database.jdbcUrl(), role, "plain");
        return new PostgresStore(TestStores.settings(plain, lease));
    }

    private void objectTo(String statement) {
        database.execute(
                "create or replace function public.object() returns trigger language plpgsql as $$ begin " + statement
                        + "; return new; end $$",
                "drop trigger if exists objecting on mirrored_supervisor.child",
                "create trigger objecting before insert on mirrored_supervisor.child for each row execute function public.object()");
    }

    /** A sequence is not rolled back, so the second try is told from the first. */
    private void objectOnce(String state) {
        database.execute(
                "drop sequence if exists public.tries",
                "create sequence public.tries",
                "grant usage on sequence public.tries to " + role);
        objectTo("if nextval('public.tries') = 1 then raise exception 'lost' using errcode = '" + state + "'; end if");
    }

    private Integer backendOf(String kind) {
        return database.jdbc()
                .sql("select pid from pg_stat_activity where usename = ? and application_name like ?")
                .params(role, "mirrored-supervisor " + kind + "%")
                .query(Integer.class)
                .single();
    }

    private static StoreRefusedException refused(ThrowingCallable call) {
        StoreRefusedException refused = catchThrowableOfType(StoreRefusedException.class, call);
        assertThat(refused).isNotNull();
        return refused;
    }
}
