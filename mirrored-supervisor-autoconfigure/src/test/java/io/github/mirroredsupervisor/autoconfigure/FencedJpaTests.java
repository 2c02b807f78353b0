package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.mirroredsupervisor.MirroredChild;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.StaleOwnerException;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Fenced JPA transactions: what JPA writes at the commit is flushed before the check. */
class FencedJpaTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Database database = TestPostgres.clearedDatabase(FencedJpaTests.class);

    private final RecordingDataSource recording = new RecordingDataSource(database);

    private final ApplicationContextRunner runner = TestContexts.supervisor(database)
            .withConfiguration(AutoConfigurations.of(HibernateJpaAutoConfiguration.class))
            .withBean("dataSource", DataSource.class, () -> recording)
            .withPropertyValues(
                    "mirrored-supervisor.datasource.url=" + database.jdbcUrl(),
                    "mirrored-supervisor.datasource.username=" + database.username(),
                    "mirrored-supervisor.datasource.password=" + database.password())
            .withUserConfiguration(Application.class);

    @BeforeEach
    void createTable() {
        database.execute("drop table if exists parcel", "create table parcel (id bigint primary key, place text)");
    }

    @Test
    void p2TheFlushComesBeforeTheCheckAndTheCheckBeforeTheCommit() {
        withEntities((child, entities, transaction) -> {
            child.does(run -> run.inFencedTransaction(() -> {
                entities.persist(new Parcel(1, "depot"));
                return null;
            }));
            recording.sent.clear();

            child.does(run -> run.inFencedTransaction(() -> {
                entities.find(Parcel.class, 1L).place = "van"; // only a flush writes this change
                entities.persist(new Parcel(2, "depot"));
                return null;
            }));

            assertThat(recording.sent)
                    .extracting(sql -> sql.replaceFirst("(?s)^(\\w+).*?(for share)?$", "$1 $2")
                            .strip())
                    .containsExactly("select", "select", "insert", "update", "select for share", "commit");
            assertThat(places()).containsExactly("van", "depot");
        });
    }

    @Test
    void p2AStaleRunCommitsNothing() {
        withEntities((child, entities, transaction) -> {
            assertThatThrownBy(() -> child.does(run -> run.inFencedTransaction(() -> {
                        entities.persist(new Parcel(1, "depot"));
                        take();
                        return null;
                    })))
                    .isInstanceOf(StaleOwnerException.class);

            assertThat(places()).isEmpty();
            assertThat(child.runs.get(0).isStopping()).isTrue();
        });
    }

    @Test
    void p2ATransactionThatIsOpenIsJoined() {
        withEntities((child, entities, transaction) -> {
            child.does(run -> transaction.execute(status -> {
                run.inFencedTransaction(() -> {
                    entities.persist(new Parcel(1, "depot"));
                    return null;
                });
                entities.persist(new Parcel(2, "depot"));
                return null;
            }));
            assertThat(places()).hasSize(2);
            assertThat(recording.sent.subList(recording.sent.size() - 2, recording.sent.size()))
                    .satisfiesExactly(
                            check -> assertThat(check).endsWith("for share"),
                            commit -> assertThat(commit).isEqualTo("commit"));

            assertThatThrownBy(() -> child.does(run -> transaction.execute(status -> {
                        run.inFencedTransaction(() -> null);
                        entities.persist(new Parcel(3, "depot"));
                        take();
                        return null;
                    })))
                    .isInstanceOf(StaleOwnerException.class);
            assertThat(places()).hasSize(2);
        });
    }

    @FunctionalInterface
    private interface WithEntities {
        void run(ScriptedChild child, EntityManager entities, TransactionTemplate transaction) throws Exception;
    }

    private void withEntities(WithEntities test) {
        runner.run(context -> {
            assertThat(context).hasNotFailed();
            PlatformTransactionManager manager = context.getBean(PlatformTransactionManager.class);
            assertThat(manager).isInstanceOf(JpaTransactionManager.class);
            ScriptedChild child = context.getBean(ScriptedChild.class);
            await().atMost(PATIENCE).until(() -> child.runs.size() == 1);
            test.run(
                    child,
                    SharedEntityManagerCreator.createSharedEntityManager(context.getBean(EntityManagerFactory.class)),
                    new TransactionTemplate(manager));
        });
    }

    private void take() {
        database.jdbc()
                .sql("update mirrored_supervisor.child set owner = ?," + " fencing_token = fencing_token + 1")
                .param(PeerId.random().value())
                .update();
    }

    private List<String> places() {
        return database.jdbc()
                .sql("select place from parcel order by id")
                .query(String.class)
                .list();
    }

    @EntityScan(basePackageClasses = FencedJpaTests.class)
    static class Application {
        @Bean
        @MirroredChild("writer")
        ScriptedChild writer() {
            return new ScriptedChild();
        }
    }

    @Entity
    @Table(name = "parcel")
    static class Parcel {

        @Id
        private Long id;

        private String place;

        protected Parcel() {}

        Parcel(long id, String place) {
            this.id = id;
            this.place = place;
        }
    }
}
