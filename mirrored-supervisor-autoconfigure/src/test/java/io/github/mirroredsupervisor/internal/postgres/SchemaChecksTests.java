package io.github.mirroredsupervisor.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.mirroredsupervisor.internal.store.WorkSession;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.dao.DataIntegrityViolationException;

/** The constraints of the schema refuse what nothing but a hand would write, and take all that the library writes. */
class SchemaChecksTests extends StoreTest {

    private static final String LONG_TEXT = "x".repeat(1_000_000);

    private WorkSession work;

    @BeforeEach
    void join() {
        work = work();
        work.join(request(a, Set.of("relay"), List.of(spec("one"))));
    }

    @ParameterizedTest
    @CsvSource({
        "peer,lease_ms,1000000000000000000",
        "peer,lease_ms,0",
        "peer,lease_ms,1",
        "peer,stop_ms,9223372036854775807",
        "peer,renew_seq,9223372036854775807",
        "peer,join_order,-1",
        "supervision_group,revision,9223372036854775807",
        "supervision_group,period_ms,9223372036854775807",
        "supervision_group,intensity,-1",
        "child,fencing_token,9223372036854775807",
        "child,fencing_token,-1",
        "child,revision,9223372036854775807",
        "child,answered,-1",
        "child,crashes,-1",
        "child,restarts,-1",
    })
    void aNumberThatNothingWouldWriteIsRefused(String table, String column, String value) {
        assertThatThrownBy(() -> write(table, column, value)).isInstanceOf(DataIntegrityViolationException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "peer,label",
        "peer,host",
        "peer,server_ident",
        "supervision_group,reason",
        "child,type",
        "child,failure",
        "child,last_exit_reason"
    })
    void aTextThatNothingWouldWriteIsRefused(String table, String column) {
        assertThatThrownBy(() -> write(table, column, LONG_TEXT)).isInstanceOf(DataIntegrityViolationException.class);
    }

    @Test
    void aSpecThatNothingWouldWriteIsRefused() {
        assertThatThrownBy(() -> database.execute("update mirrored_supervisor.child set spec ="
                        + " jsonb_build_object('arguments', jsonb_build_object('v', repeat('x', 60000000)))"))
                .isInstanceOf(DataIntegrityViolationException.class);
        assertThatThrownBy(() -> write("member", "types", "{" + "t,".repeat(100_000) + "t}"))
                .isInstanceOf(DataIntegrityViolationException.class);
    }

    /** What the API takes, the constraints take. */
    @Test
    void theLargestSpecIsStored() {
        List<Integer> digits = IntStream.range(0, 490_000).mapToObj(i -> i % 10).toList();
        var largest = spec("largest").withArguments(Map.of("v", digits));
        var stored = store().asStored(largest);
        assertThat(work.insert(GROUP, stored, a)).isNotNull();
        var wide = spec("wide").withArguments(Map.of("v", "\u20AC".repeat(990_000)));
        assertThat(work.insert(GROUP, store().asStored(wide), a)).isNotNull();
        assertThat(row(work, "wide").spec()).isEqualTo(wide);
    }

    private void write(String table, String column, String value) {
        String type = database.jdbc()
                .sql("select format_type(atttypid, atttypmod) from pg_attribute"
                        + " where attrelid = cast(? as regclass) and attname = ?")
                .params("mirrored_supervisor." + table, column)
                .query(String.class)
                .single();
        database.jdbc()
                .sql("update mirrored_supervisor." + table + " set " + column + " = cast(? as " + type + ")")
                .param(value)
                .update();
    }
}
