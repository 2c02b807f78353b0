package io.github.mirroredsupervisor.internal.postgres.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.internal.postgres.server.ServerKind.Standing;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PostgreSQL is told from servers that only speak its protocol, by what they say of themselves. */
class ServerKindTests {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PostgreSQL 18.6 on x86_64-pc-linux-gnu, compiled by gcc (GCC) 14.2.0, 64-bit",
                "PostgreSQL 14.15 (Ubuntu 14.15-0ubuntu0.22.04.1) on x86_64-pc-linux-gnu, compiled by gcc (Ubuntu 11.4.0-1ubuntu1~22.04) 11.4.0, 64-bit",
                "PostgreSQL 17.5 (Debian 17.5-1.pgdg120+1) on aarch64-unknown-linux-gnu, compiled by gcc (Debian 12.2.0-14) 12.2.0, 64-bit",
                "PostgreSQL 16.1, compiled by Visual C++ build 1937, 64-bit",
                "PostgreSQL 17.0 on x86_64-windows, compiled by msvc-19.41.34120, 64-bit",
                "PostgreSQL 15.4 (Homebrew) on aarch64-apple-darwin22.4.0, compiled by Apple clang version 14.0.3 (clang-1403.0.22.14.1), 64-bit",
                "PostgreSQL 19devel on x86_64-pc-linux-gnu, compiled by gcc (GCC) 15.1.1, 64-bit",
                "PostgreSQL 18beta1 on x86_64-pc-linux-musl, compiled by gcc (Alpine 14.2.0) 14.2.0, 64-bit"
            })
    void postgresIsPostgres(String version) {
        assertThat(ServerKind.of(version, Set.of()).standing()).isEqualTo(Standing.POSTGRESQL);
        assertThat(ServerCheck.kindProblem(ServerKind.of(version, Set.of()), version))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CockroachDB CCL v23.1.11 (x86_64-pc-linux-gnu, built 2023/09/27 01:53:43, go1.19.10)|CockroachDB|LISTEN",
                "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.12103|Redshift|row locks",
                "PostgreSQL 9.5.0 on x86_64-unknown-linux-gnu (Materialize v0.26.0 (c5d0ef1aa))|Materialize|row locks",
                "PostgreSQL 12.3, compiled by Visual C++ build 1914, 64-bit, QuestDB|QuestDB|row locks",
                "CrateDB 5.4.2 (built 3a1d4ed/2023-08-08T08:01:27Z, Linux 5.10 x86_64, OpenJDK 64-Bit Server VM 20.0.2+9)|CrateDB|transactions",
                "PostgreSQL 13.14.0-RisingWave-2.1.0 (d2a5f4b)|RisingWave|row locks",
                "PostgreSQL 8.2.23 server protocol using H2 2.2.224 (2023-09-17)|H2|LISTEN",
                "PostgreSQL 16|Aurora DSQL|locks",
                "PostgreSQL 14.1|Cloud Spanner|locks",
                "PostgreSQL 12.12 (Greenplum Database 7.0.0 build commit:0a7a3566) on x86_64-pc-linux-gnu, compiled by gcc (GCC) 8.5.0, 64-bit|Greenplum|locks",
                "(openGauss 3.0.0 build 02c14696) compiled at 2022-04-01 18:12:34 commit 0 last mr|openGauss|branched",
                "''|speaks PostgreSQL's protocol|locks"
            })
    void whoOnlySpeaksTheProtocolIsRefusedWithWhatItLacks(String version, String name, String lack) {
        ServerKind kind = ServerKind.of(version, Set.of());
        assertThat(kind.standing()).isEqualTo(Standing.REFUSED);
        assertThat(ServerCheck.kindProblem(kind, version))
                .hasValueSatisfying(problem -> assertThat(problem).contains(name, lack, "datasource.url"));
    }

    @Test
    void aParameterGivesItAway() {
        String modest = "PostgreSQL 18.0 on x86_64-pc-linux-gnu, compiled by gcc (GCC) 14.2.0, 64-bit";
        assertThat(ServerKind.of(modest, Set.of("crdb_version"))).satisfies(kind -> {
            assertThat(kind.standing()).isEqualTo(Standing.REFUSED);
            assertThat(kind.name()).isEqualTo("CockroachDB");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PostgreSQL 15.2-YB-2025.1.0.0-b0 on x86_64-pc-linux-gnu, compiled by clang version 17.0.6, 64-bit|''|YugabyteDB",
                "PostgreSQL 16.4 on x86_64-pc-linux-gnu, compiled by gcc (GCC) 9.5.0, 64-bit|aurora_version|Aurora",
                "PostgreSQL 17.2 on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14) 12.2.0, 64-bit|neon.timeline_id|Neon",
                "PostgreSQL 15.7 on x86_64-pc-linux-gnu, compiled by Debian clang version 12.0.1, 64-bit|alloydb.iam_authentication|AlloyDB",
                "PostgreSQL 16.3 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit|citus.shard_count|Citus",
                "PostgreSQL 16.2 (EnterpriseDB Advanced Server 16.2.0) on x86_64-pc-linux-gnu, compiled by gcc, 64-bit|''|EDB"
            })
    void whatIsBuiltFromItIsLetInWithWhatIsKnown(String version, String sign, String name) {
        ServerKind kind = ServerKind.of(version, sign.isEmpty() ? Set.of() : Set.of(sign));
        assertThat(kind.standing()).isEqualTo(Standing.UNTESTED);
        assertThat(kind.name()).contains(name);
        assertThat(kind.known()).isNotBlank();
        assertThat(ServerCheck.kindProblem(kind, version)).isEmpty();
    }
}
