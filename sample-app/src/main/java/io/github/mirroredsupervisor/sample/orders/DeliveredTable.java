package io.github.mirroredsupervisor.sample.orders;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads what was delivered, and what waits for it. Not thread-safe. */
public final class DeliveredTable {

    private static final int PAGE = 500;

    /**
     * Each tenant from its own position on: rows of different tenants do not become visible in the order of positions.
     */
    private static final String READ_ON = """
            select d.position, d.tenant, d.seq, d.token
              from unnest(:tenants::int[], :positions::bigint[]) as read (tenant, position)
             cross join lateral (
               select position, tenant, seq, token from delivered
                where tenant = read.tenant and position > read.position
                order by position limit :page) as d
             order by d.tenant, d.position
            """;

    private static final String WAITING = "select tenant, count(*) as count from outbox group by tenant";

    private final JdbcClient jdbc;
    private final Integer[] tenants;
    private final Long[] positions;

    public DeliveredTable(JdbcClient jdbc, int tenants) {
        this.jdbc = jdbc;
        this.tenants = new Integer[tenants];
        this.positions = new Long[tenants];
        Arrays.setAll(this.tenants, i -> i + 1);
        Arrays.fill(positions, 0L);
    }

    /** Hands over all rows that have not been read yet, each tenant's in the order of positions. */
    public void readOn(Consumer<Delivery> reader) {
        List<Delivery> rows;
        do {
            rows = jdbc.sql(READ_ON)
                    .param("tenants", tenants)
                    .param("positions", positions)
                    .param("page", PAGE)
                    .query(Delivery.class)
                    .list();
            for (Delivery row : rows) {
                positions[row.tenant() - 1] = row.position();
                reader.accept(row);
            }
        } while (rows.size() >= PAGE);
    }

    /** How many orders of each tenant wait in the outbox; tenants without any are left out. */
    public Map<Integer, Long> waiting() {
        Map<Integer, Long> waiting = new HashMap<>();
        jdbc.sql(WAITING).query(row -> {
            waiting.put(row.getInt("tenant"), row.getLong("count"));
        });
        return waiting;
    }
}
