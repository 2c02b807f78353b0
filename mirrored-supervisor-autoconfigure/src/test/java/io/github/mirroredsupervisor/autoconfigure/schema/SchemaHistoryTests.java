package io.github.mirroredsupervisor.autoconfigure.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.autoconfigure.schema.SchemaHistory.Entry;
import io.github.mirroredsupervisor.autoconfigure.schema.SchemaScripts.Script;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which histories need no Flyway. */
class SchemaHistoryTests {

    private static final List<Script> SCRIPTS = List.of(new Script(1, "schema", 11), new Script(2, "more", 22));

    private static final Entry SCHEMA = new Entry(null, "<< Flyway Schema Creation >>", "SCHEMA", null, true);
    private static final Entry ONE = new Entry("1", "schema", "SQL", 11, true);
    private static final Entry TWO = new Entry("2", "more", "SQL", 22, true);

    @Test
    void allScriptsAndNothingElse() {
        assertThat(isExactly(ONE, TWO)).isTrue();
        assertThat(isExactly(SCHEMA, ONE, TWO)).isTrue();
    }

    @Test
    void theScriptsAboveABaseline() {
        assertThat(isExactly(baseline("1"), TWO)).isTrue();
        assertThat(isExactly(baseline("2"))).isTrue();
        assertThat(isExactly(baseline("1"))).isFalse();
        assertThat(isExactly(baseline("3"))).isFalse();
        assertThat(isExactly(baseline("1"), ONE, TWO)).isFalse();
        assertThat(isExactly(baseline("1.5"), TWO)).isFalse();
        assertThat(isExactly(ONE, TWO, baseline("2"))).isFalse();
    }

    @Test
    void nothingOrTooLittle() {
        assertThat(isExactly()).isFalse();
        assertThat(isExactly(SCHEMA)).isFalse();
        assertThat(isExactly(ONE)).isFalse();
        assertThat(isExactly(TWO)).isFalse();
    }

    @Test
    void moreOrInAnotherOrder() {
        assertThat(isExactly(ONE, TWO, new Entry("3", "newer", "SQL", 33, true)))
                .isFalse();
        assertThat(isExactly(TWO, ONE)).isFalse();
        assertThat(isExactly(ONE, ONE, TWO)).isFalse();
        assertThat(isExactly(ONE, SCHEMA, TWO)).isFalse();
    }

    @Test
    void anythingThatDiffers() {
        assertThat(isExactly(ONE, new Entry("2", "more", "SQL", 22, false))).isFalse();
        assertThat(isExactly(ONE, new Entry("2", "more", "SQL", 23, true))).isFalse();
        assertThat(isExactly(ONE, new Entry("2", "more", "SQL", null, true))).isFalse();
        assertThat(isExactly(ONE, new Entry("2", "other", "SQL", 22, true))).isFalse();
        assertThat(isExactly(ONE, new Entry("2", "more", "DELETE", 22, true))).isFalse();
        assertThat(isExactly(ONE, new Entry(null, "more", "SQL", 22, true))).isFalse();
        assertThat(isExactly(new Entry(null, "", "SCHEMA", null, false), ONE, TWO))
                .isFalse();
    }

    private static Entry baseline(String version) {
        return new Entry(version, "<< Flyway Baseline >>", "BASELINE", null, true);
    }

    private static boolean isExactly(Entry... entries) {
        return new SchemaHistory(List.of(entries)).isExactly(SCRIPTS);
    }
}
