package io.github.mirroredsupervisor.sample.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PatroniProgramsTests {

    @Test
    void saysWhatIsMissingAndWhichPackagesHaveIt() {
        assertThat(PatroniPrograms.obstacle(path -> false))
                .hasValueSatisfying(text -> assertThat(text)
                        .contains("patroni, etcd, haproxy", "pg_rewind and pg_basebackup")
                        .contains("apt-get install patroni etcd-server haproxy postgresql"));
    }

    @Test
    void namesOnlyWhatIsMissing() {
        assertThat(PatroniPrograms.obstacle(path -> !path.endsWith("etcd") && !path.endsWith("pg_rewind")))
                .hasValueSatisfying(text -> assertThat(text).startsWith("This needs etcd, PostgreSQL's programs"));
    }
}
