package io.github.mirroredsupervisor.sample.orders;

import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Takes orders in: each is written to {@code orders} and to {@code outbox}, in one transaction. */
final class OrderDesk {

    private static final String OPEN = """
            insert into tenant (id) select generate_series(1, :tenants) on conflict do nothing
            """;

    /** The counter's row lock makes the numbers of a tenant gapless, whoever else places orders. */
    private static final String PLACE = """
            with wanted as (
              select tenant, count from unnest(:tenants::int[], :counts::int[]) as w (tenant, count)
            ), numbered as (
              update tenant t set last_seq = t.last_seq + w.count
                from wanted w where t.id = w.tenant
              returning t.id as tenant, t.last_seq - w.count as before, w.count
            ), placed as (
              insert into orders (tenant, seq, item)
              select tenant, before + n, 'order ' || (before + n) from numbered, generate_series(1, count) as n
              returning tenant, seq, item
            )
            insert into outbox (tenant, seq, payload) select tenant, seq, item from placed
            """;

    private final JdbcClient jdbc;

    OrderDesk(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void open(int tenants) {
        jdbc.sql(OPEN).param("tenants", tenants).update();
    }

    /** Places the given number of orders for each tenant. */
    void place(Map<Integer, Integer> counts) {
        jdbc.sql(PLACE)
                .param("tenants", counts.keySet().toArray(Integer[]::new))
                .param("counts", counts.values().toArray(Integer[]::new))
                .update();
    }
}
