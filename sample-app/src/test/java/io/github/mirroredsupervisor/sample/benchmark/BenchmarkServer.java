package io.github.mirroredsupervisor.sample.benchmark;

import io.github.mirroredsupervisor.sample.cluster.EmbeddedDatabase;
import io.github.mirroredsupervisor.sample.measure.StatementLog;
import io.github.mirroredsupervisor.sample.process.GuardianProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/** The PostgreSQL of a benchmark, with one database for each trial. */
final class BenchmarkServer implements AutoCloseable {

    private static final String APPLICATION = "benchmark";

    private final EmbeddedDatabase server;
    private final Connection admin;

    private BenchmarkServer(EmbeddedDatabase server, Connection admin) {
        this.server = server;
        this.admin = admin;
    }

    static BenchmarkServer start(GuardianProcess guardian) {
        EmbeddedDatabase server = new EmbeddedDatabase(guardian);
        Properties settings = new Properties();
        settings.setProperty("user", server.getUsername());
        settings.setProperty("ApplicationName", APPLICATION);
        try {
            BenchmarkServer started =
                    new BenchmarkServer(server, DriverManager.getConnection(server.getJdbcUrl(), settings));
            started.configure("log_line_prefix", StatementLog.PREFIX);
            return started;
        } catch (SQLException e) {
            server.close();
            throw new BenchmarkException("Cannot connect to the embedded PostgreSQL", e);
        }
    }

    String user() {
        return server.getUsername();
    }

    String version() {
        try (Statement statement = admin.createStatement();
                ResultSet version = statement.executeQuery("show server_version")) {
            version.next();
            return version.getString(1);
        } catch (SQLException e) {
            throw new BenchmarkException("Cannot ask the embedded PostgreSQL for its version", e);
        }
    }

    /** Creates a database, and returns its URL. */
    String create(String database) {
        execute("create database " + database);
        return server.getJdbcUrl().replaceFirst("/[^/]*$", "/" + database);
    }

    /** Deletes a database, whoever is connected to it. */
    void drop(String database) {
        execute("drop database " + database + " with (force)");
    }

    /** How many statements others ran meanwhile. */
    long statements(Runnable meanwhile) {
        configure("log_statement", "all");
        long from = logSize();
        meanwhile.run();
        String text = logFrom(from);
        configure("log_statement", "none");
        return StatementLog.parse(text.lines().toList()).stream()
                .filter(statement -> !statement.application().equals(APPLICATION))
                .count();
    }

    private void configure(String setting, String value) {
        execute("alter system set " + setting + " = '" + value + "'");
        execute("select pg_reload_conf()");
    }

    private void execute(String sql) {
        try (Statement statement = admin.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new BenchmarkException("Cannot execute: " + sql, e);
        }
    }

    private long logSize() {
        try {
            return Files.size(server.log());
        } catch (IOException e) {
            throw new BenchmarkException("Cannot read the log of the database", e);
        }
    }

    private String logFrom(long from) {
        try {
            byte[] bytes = Files.readAllBytes(server.log());
            return new String(bytes, (int) from, bytes.length - (int) from, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new BenchmarkException("Cannot read the log of the database", e);
        }
    }

    @Override
    public void close() {
        try {
            admin.close();
        } catch (SQLException e) {
            throw new BenchmarkException("Cannot disconnect from the embedded PostgreSQL", e);
        } finally {
            server.close();
        }
    }
}
