package io.github.mirroredsupervisor.internal.postgres.server;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The product behind PostgreSQL's protocol, recognized by {@code version()} and by settings that only one product has.
 * The driver reports all of them as PostgreSQL.
 *
 * @param standing whether it can hold the store
 * @param name of the product
 * @param known known limitations: what it lacks, or what to expect
 */
public record ServerKind(Standing standing, String name, String known) {

    /** Whether a server can hold the store. */
    public enum Standing {
        POSTGRESQL,
        /** Built from PostgreSQL's own sources, and not tested. */
        UNTESTED,
        REFUSED
    }

    private static final ServerKind PLAIN = new ServerKind(Standing.POSTGRESQL, "PostgreSQL", "");

    private static final String LOCKS = "has no row locks that wait as PostgreSQL's do";

    private static final String SESSIONS = "has no LISTEN/NOTIFY and no advisory locks of sessions";

    private static final String ANALYTICS =
            "is made for analytics: it has no row locks, no LISTEN/NOTIFY and no constraints that hold";

    /** Matched by a part of the version text, in lower case, or by the name of a setting. The first match counts. */
    private static final List<Product> PRODUCTS = List.of(
            refused(
                    "crdb_version",
                    "CockroachDB",
                    SESSIONS + ", and transactions fail with 40001 where PostgreSQL's wait"),
            refused(
                    "cockroachdb",
                    "CockroachDB",
                    SESSIONS + ", and transactions fail with 40001 where PostgreSQL's wait"),
            refused("redshift", "Amazon Redshift", ANALYTICS),
            refused("materialize", "Materialize", ANALYTICS),
            refused("risingwave", "RisingWave", ANALYTICS),
            refused("questdb", "QuestDB", ANALYTICS),
            refused("cratedb", "CrateDB", "has no transactions, no row locks and no LISTEN/NOTIFY"),
            refused("cedardb", "CedarDB", SESSIONS),
            refused("umbra", "Umbra", SESSIONS),
            refused("greptimedb", "GreptimeDB", ANALYTICS),
            refused("duckdb", "a server of DuckDB", ANALYTICS),
            refused("h2 ", "H2", "is not PostgreSQL: " + LOCKS + " and " + SESSIONS),
            refused("hologres", "Hologres", ANALYTICS),
            refused("opengauss", "openGauss", "branched off PostgreSQL 9.2 and lacks most of what version 14 has"),
            refused("gaussdb", "GaussDB", "branched off PostgreSQL 9.2 and lacks most of what version 14 has"),
            refused("greenplum", "Greenplum", "locks whole tables where PostgreSQL locks rows"),
            refused("spanner", "Cloud Spanner", LOCKS + ", " + SESSIONS + ", and no DO blocks"),
            untested(
                    "-yb-",
                    "YugabyteDB",
                    "LISTEN/NOTIFY and advisory locks are off by default there, so that commands are seen with the next renewal and IMMEDIATE children wait for the lease;"
                            + " each node counts as a server of its own"),
            untested(
                    "aurora_version",
                    "Amazon Aurora",
                    "hints work on the writer only; connect to the cluster's writer endpoint"),
            untested(
                    "neon.timeline_id",
                    "Neon",
                    "connect to the direct endpoint, not to the pooled one; renewals keep the compute from being suspended, which is billed"),
            untested(
                    "alloydb", "AlloyDB", "nothing is known that would be in the way; connect to the primary instance"),
            untested(
                    "citus", "Citus", "the tables of the supervisor stay local to the coordinator node; connect to it"),
            untested("enterprisedb", "EDB Postgres Advanced Server", "nothing is known that would be in the way"),
            untested("polardb", "PolarDB", "connect to the primary node"),
            untested(
                    "cloudberry",
                    "Apache Cloudberry",
                    "it distributes tables over segments and may lock whole tables"));

    /** The version text of a server that was built from PostgreSQL's sources. */
    private static final Pattern BUILT = Pattern.compile("^PostgreSQL \\d.*compiled by .*", Pattern.DOTALL);

    private record Product(String sign, ServerKind kind) {}

    /**
     * Recognizes a server.
     *
     * @param version the result of {@code version()}
     * @param signs names of settings and functions that the server has and PostgreSQL does not have
     */
    static ServerKind of(String version, Set<String> signs) {
        String text = version.toLowerCase(Locale.ROOT);
        for (Product product : PRODUCTS) {
            boolean fits = text.contains(product.sign())
                    || signs.stream()
                            .anyMatch(sign -> sign.toLowerCase(Locale.ROOT).contains(product.sign()));
            if (fits) {
                return product.kind();
            }
        }
        return BUILT.matcher(version).matches()
                ? PLAIN
                : new ServerKind(
                        Standing.REFUSED,
                        "a server that speaks PostgreSQL's protocol and is not built from it, such as Aurora DSQL or Cloud Spanner",
                        LOCKS + ", or no LISTEN/NOTIFY, sequences or advisory locks");
    }

    private static Product refused(String sign, String name, String lacks) {
        return new Product(sign, new ServerKind(Standing.REFUSED, name, lacks));
    }

    private static Product untested(String sign, String name, String known) {
        return new Product(sign, new ServerKind(Standing.UNTESTED, name, known));
    }
}
