package io.github.mirroredsupervisor.sample.cluster;

import io.github.mirroredsupervisor.sample.FreePorts;
import io.github.mirroredsupervisor.sample.process.GuardianProcess;
import io.github.mirroredsupervisor.sample.process.LogTail;
import io.github.mirroredsupervisor.sample.process.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/**
 * Two PostgreSQL servers of which Patroni makes one the primary, and another one when that is gone; with etcd and
 * HAProxy. For one thread.
 */
public final class PatroniCluster implements DatabaseServer, AutoCloseable {

    static final String USER = "postgres";

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration ANSWER = Duration.ofSeconds(1);
    private static final Duration SWITCHOVER = Duration.ofSeconds(30);

    private static final String LEADER = "leader";
    private static final String SYNCHRONOUS_STANDBY = "sync_standby";

    /** Whether a commit waits for the standby. */
    public enum Replication {
        SYNCHRONOUS,
        ASYNCHRONOUS
    }

    /**
     * What Patroni says of one server.
     *
     * @param timeline null while it is not known
     */
    public record Member(
            String name,
            String role,
            String state,
            @Nullable Integer timeline) {

        boolean isRunning() {
            return state.equals("running") || state.equals("streaming");
        }
    }

    private record Members(List<Member> members) {}

    private static final RestClient QUESTIONS = http(ANSWER);
    private static final RestClient COMMANDS = http(SWITCHOVER);

    private final Replication replication;
    private final Path log;
    private final Process etcd;
    private final Process haproxy;
    private final int proxyPort;
    private final List<PatroniServer> servers;

    /** Starts all of it, and waits until a standby follows a primary. */
    public PatroniCluster(GuardianProcess guardian, Replication replication) {
        RunFolder folder = guardian.folder();
        PatroniPrograms programs = PatroniPrograms.find();
        this.replication = replication;
        this.log = folder.logs().resolve("patroni.log");
        int port = FreePorts.inARow(7);
        this.proxyPort = port + 2;
        try {
            Path own = folder.root().resolve("patroni");
            Unprivileged.open(List.of(folder.root()));
            Unprivileged.folder(own);
            this.etcd = startEtcd(programs, own, port, guardian);
            this.servers = List.of(
                    server("a", port + 3, port + 4, own, programs, port, guardian),
                    server("b", port + 5, port + 6, own, programs, port, guardian));
            this.haproxy = startHaproxy(programs, own, folder, guardian);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot set up Patroni", e);
        }
        servers.forEach(PatroniServer::start);
        awaitHealthy();
    }

    private static Process startEtcd(PatroniPrograms programs, Path own, int port, GuardianProcess guardian)
            throws IOException {
        String clients = "http://127.0.0.1:" + port;
        String peers = "http://127.0.0.1:" + (port + 1);
        List<String> command = List.of(
                programs.etcd().toString(),
                "--name=lab",
                "--data-dir=" + Unprivileged.folder(own.resolve("etcd")),
                "--listen-client-urls=" + clients,
                "--advertise-client-urls=" + clients,
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=lab=" + peers);
        return Programs.start(
                new ProcessBuilder(Unprivileged.command(command)),
                guardian.folder().logs().resolve("etcd.log"),
                guardian);
    }

    /**
     * The times are much shorter than Patroni's defaults, so that a failover takes seconds. Sockets of Unix would need
     * a folder that both users can write to.
     */
    private PatroniServer server(
            String name,
            int port,
            int restPort,
            Path own,
            PatroniPrograms programs,
            int etcdPort,
            GuardianProcess guardian)
            throws IOException {
        Path home = Unprivileged.folder(own.resolve(name));
        Path data = home.resolve("data");
        Path settings = Files.writeString(
                guardian.folder().root().resolve("patroni-" + name + ".yml"),
                String.format(
                        Locale.ROOT,
                        """
                        scope: lab
                        name: %1$s
                        restapi:
                          listen: 127.0.0.1:%3$d
                          connect_address: 127.0.0.1:%3$d
                        etcd3:
                          host: 127.0.0.1:%4$d
                        bootstrap:
                          dcs:
                            ttl: 5
                            loop_wait: 1
                            retry_timeout: 2
                            maximum_lag_on_failover: 1073741824
                            synchronous_mode: %5$b
                            postgresql:
                              use_pg_rewind: true
                              parameters:
                                max_connections: 100
                                shared_buffers: 64MB
                                wal_keep_size: 512MB
                          initdb:
                            - encoding: UTF8
                            - locale: C.UTF-8
                            - auth: trust
                        postgresql:
                          listen: 127.0.0.1:%2$d
                          connect_address: 127.0.0.1:%2$d
                          data_dir: %6$s
                          bin_dir: %7$s
                          pgpass: %8$s
                          remove_data_directory_on_rewind_failure: true
                          remove_data_directory_on_diverged_timelines: true
                          authentication:
                            superuser:
                              username: %9$s
                            replication:
                              username: replicator
                          parameters:
                            unix_socket_directories: ''
                          pg_hba:
                            - host all all 127.0.0.1/32 trust
                            - host replication all 127.0.0.1/32 trust
                        """,
                        name,
                        port,
                        restPort,
                        etcdPort,
                        replication == Replication.SYNCHRONOUS,
                        data,
                        programs.servers(),
                        home.resolve("pgpass"),
                        USER));
        return new PatroniServer(
                name,
                port,
                restPort,
                data,
                log.resolveSibling("patroni-" + name + ".log"),
                List.of(programs.patroni().toString(), settings.toString()),
                guardian);
    }

    /** Asks Patroni often which server is the primary, and ends the sessions on one that is not any more. */
    private Process startHaproxy(PatroniPrograms programs, Path own, RunFolder folder, GuardianProcess guardian)
            throws IOException {
        String backends = servers.stream()
                .map(server -> String.format(
                        Locale.ROOT,
                        "    server %s 127.0.0.1:%d check port %d%n",
                        server.name(),
                        server.port(),
                        server.restPort()))
                .collect(Collectors.joining());
        Path settings = Files.writeString(
                folder.root().resolve("haproxy.cfg"), String.format(Locale.ROOT, """
                        global
                            maxconn 500
                        defaults
                            mode tcp
                            retries 0
                            timeout connect 1s
                            timeout client 30m
                            timeout server 30m
                            timeout check 1s
                        listen primary
                            bind 127.0.0.1:%d
                            option httpchk OPTIONS /primary
                            http-check expect status 200
                            default-server inter 500ms fastinter 100ms fall 2 rise 1 on-marked-down shutdown-sessions
                        %s""", proxyPort, backends));
        return Programs.start(
                new ProcessBuilder(
                        Unprivileged.command(List.of(programs.haproxy().toString(), "-db", "-f", settings.toString()))),
                folder.logs().resolve("haproxy.log"),
                guardian);
    }

    private void awaitHealthy() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!isHealthy()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("Patroni has not made a primary and a standby: " + logs());
            }
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    private String logs() {
        return servers.stream()
                .map(server ->
                        server.name() + ":\n" + LogTail.of(log.resolveSibling("patroni-" + server.name() + ".log")))
                .collect(Collectors.joining("\n"));
    }

    /** Whether there is a primary, and a standby follows it, without which no commit returns in synchronous mode. */
    public boolean isHealthy() {
        List<Member> members = members();
        Optional<Member> leader =
                members.stream().filter(member -> member.role().equals(LEADER)).findFirst();
        boolean replicated = replication == Replication.ASYNCHRONOUS
                || members.stream().anyMatch(member -> member.role().equals(SYNCHRONOUS_STANDBY));
        return members.size() == servers.size()
                && members.stream().allMatch(Member::isRunning)
                && leader.isPresent()
                && leader.get().timeline() != null
                && members.stream().allMatch(member -> leader.get().timeline().equals(member.timeline()))
                && replicated;
    }

    /** The server that has the lock of the primary and runs as one; empty while there is none. */
    public Optional<PatroniServer> primary() {
        return members().stream()
                .filter(member -> member.role().equals(LEADER) && member.isRunning())
                .flatMap(member ->
                        servers.stream().filter(server -> server.name().equals(member.name())))
                .filter(PatroniCluster::isPrimary)
                .findFirst();
    }

    private static boolean isPrimary(PatroniServer server) {
        try {
            return server.query("select pg_is_in_recovery()").equals(List.of("f"));
        } catch (IllegalStateException e) {
            return false;
        }
    }

    /** The other one. */
    public PatroniServer standbyOf(PatroniServer primary) {
        return servers.stream().filter(server -> server != primary).findFirst().orElseThrow();
    }

    /** Asks for a planned change of the primary; returns when there is another one. */
    public void switchOver(PatroniServer from) {
        COMMANDS.post()
                .uri("http://127.0.0.1:{port}/switchover", from.restPort())
                .contentType(MediaType.APPLICATION_JSON)
                // As a text, whose length is known: Patroni reads no other.
                .body(String.format(
                        "{\"leader\": \"%s\", \"candidate\": \"%s\"}",
                        from.name(), standbyOf(from).name()))
                .retrieve()
                .toBodilessEntity();
    }

    /** What the first Patroni that answers knows of both servers. */
    private List<Member> members() {
        return servers.stream().flatMap(PatroniCluster::ask).findFirst().orElse(List.of());
    }

    private static Stream<List<Member>> ask(PatroniServer server) {
        try {
            Members members = QUESTIONS
                    .get()
                    .uri("http://127.0.0.1:{port}/cluster", server.restPort())
                    .retrieve()
                    .body(Members.class);
            return members == null ? Stream.empty() : Stream.of(members.members());
        } catch (RestClientException e) {
            return Stream.empty();
        }
    }

    private static RestClient http(Duration patience) {
        JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory(HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(ANSWER)
                .build());
        factory.setReadTimeout(patience);
        return RestClient.builder().requestFactory(factory).build();
    }

    /** Through HAProxy. */
    @Override
    public String getJdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + proxyPort + "/postgres?connectTimeout=2&socketTimeout=10";
    }

    /**
     * Past HAProxy: the driver itself looks for the primary. It forgets after a second which server was none.
     *
     * @param first which server it tries first, from 0
     */
    public String multiHostUrl(int first) {
        int count = servers.size();
        return "jdbc:postgresql://"
                + Stream.iterate(first % count, index -> (index + 1) % count)
                        .limit(count)
                        .map(index -> "127.0.0.1:" + servers.get(index).port())
                        .collect(Collectors.joining(","))
                + "/postgres?targetServerType=primary&hostRecheckSeconds=1&connectTimeout=2&socketTimeout=10";
    }

    @Override
    public String getUsername() {
        return USER;
    }

    @Override
    public String getPassword() {
        return "";
    }

    @Override
    public String description() {
        return "two PostgreSQL servers under Patroni, behind HAProxy on port " + proxyPort;
    }

    /** Which way they take is another question. */
    @Override
    public List<String> nodeProperties() {
        return List.of("--spring.datasource.username=" + USER);
    }

    @Override
    public void close() {
        servers.forEach(PatroniServer::stop);
        haproxy.destroy();
        etcd.destroy();
    }
}
