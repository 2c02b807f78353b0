package io.github.mirroredsupervisor.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The connection settings of a test's database. Its user is a superuser. */
public record Database(String jdbcUrl, String username, String password) {

    public Connection connect() {
        try {
            return DriverManager.getConnection(jdbcUrl, username, password);
        } catch (SQLException e) {
            throw new IllegalStateException("Could not connect to " + jdbcUrl, e);
        }
    }

    public String name() {
        return jdbcUrl.replaceFirst(".*/", "").replaceFirst("\\?.*", "");
    }

    /** For single statements; each opens its own connection. */
    public JdbcClient jdbc() {
        return JdbcClient.create(dataSource());
    }

    private DataSource dataSource() {
        return new DriverManagerDataSource(jdbcUrl, username, password);
    }

    /** Runs statements one after the other, each by itself. */
    public void execute(String... statements) {
        JdbcTemplate jdbc = new JdbcTemplate(dataSource());
        for (String statement : statements) {
            jdbc.execute(statement);
        }
    }

    /** Creates the schema of the mirrored supervisor, and returns this. */
    public Database migrated() {
        Flyway.configure()
                .dataSource(jdbcUrl, username, password)
                .schemas("mirrored_supervisor")
                .locations("classpath:io/github/mirroredsupervisor/postgres/migration")
                .load()
                .migrate();
        return this;
    }
}
