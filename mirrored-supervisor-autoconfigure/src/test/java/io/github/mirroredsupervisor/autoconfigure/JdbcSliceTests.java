package io.github.mirroredsupervisor.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.internal.peer.Peer;
import io.github.mirroredsupervisor.testing.Database;
import io.github.mirroredsupervisor.testing.TestPostgres;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

@JdbcTest(properties = {"spring.flyway.enabled=false", "spring.liquibase.enabled=false"})
@AutoConfigureTestDatabase(replace = AutoConfigureTestDatabase.Replace.NONE)
class JdbcSliceTests {

    private static final Database DATABASE = TestPostgres.emptyDatabase();

    @DynamicPropertySource
    static void database(DynamicPropertyRegistry registry) {
        registry.add("spring.datasource.url", DATABASE::jdbcUrl);
        registry.add("spring.datasource.username", DATABASE::username);
        registry.add("spring.datasource.password", DATABASE::password);
    }

    @Test
    void hasTheSchemaAndNoSupervisor(@Autowired JdbcClient client, @Autowired ApplicationContext context) {
        assertThat(client.sql("SELECT count(*) FROM mirrored_supervisor.child")
                        .query(Integer.class)
                        .single())
                .isZero();
        assertThat(context.getBeanProvider(MirroredSupervisor.class).stream()).isEmpty();
        assertThat(context.getBeanProvider(Peer.class).stream()).isEmpty();
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Application {}
}
