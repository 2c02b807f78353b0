package io.github.mirroredsupervisor.sample.node;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Moves rows from the outbox to where they are delivered. */
@Repository
public class Outbox {

    /**
     * One statement: the shorter the transaction, the less likely a process is stopped in the middle of it with row
     * locks that its successor waits for, until the server ends it within the lease.
     */
    private static final String MOVE = """
            with moved as (
              delete from outbox
               where tenant = :tenant
                 and seq in (select seq from outbox where tenant = :tenant order by seq limit :limit)
              returning tenant, seq, payload
            )
            insert into delivered (tenant, seq, payload, token, pid)
            select tenant, seq, payload, :token, :pid from moved order by seq
            """;

    private static final String HAS_ROWS = "select exists (select from outbox where tenant = :tenant)";

    private final JdbcClient jdbc;
    private final long pid = ProcessHandle.current().pid();

    Outbox(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Whether there is anything to deliver: a transaction for nothing would cost as much as one for something. */
    public boolean hasRows(int tenant) {
        return jdbc.sql(HAS_ROWS).param("tenant", tenant).query(Boolean.class).single();
    }

    /** Delivers the tenant's oldest rows in their order, and returns how many. */
    public int deliver(int tenant, int limit, long token) {
        return jdbc.sql(MOVE)
                .param("tenant", tenant)
                .param("limit", limit)
                .param("token", token)
                .param("pid", pid)
                .update();
    }
}
