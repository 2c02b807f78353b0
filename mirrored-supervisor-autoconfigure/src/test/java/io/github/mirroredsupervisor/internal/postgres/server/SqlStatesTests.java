package io.github.mirroredsupervisor.internal.postgres.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.mirroredsupervisor.internal.postgres.connection.RefusalAdvice;
import io.github.mirroredsupervisor.internal.postgres.server.SqlStates.Answer;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLState;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.UncategorizedSQLException;

/** What each answer of the server means. */
class SqlStatesTests {

    /** Those of PostgreSQL's appendix "Error Codes", of versions 14 to 18. */
    private static final Set<String> APPENDIX = Set.of(
            "00", "01", "02", "03", "08", "09", "0A", "0B", "0F", "0L", "0P", "0Z", "10", "20", "21", "22", "23", "24",
            "25", "26", "27", "28", "2B", "2D", "2F", "34", "38", "39", "3B", "3D", "3F", "40", "42", "44", "53", "54",
            "55", "57", "58", "72", "F0", "HV", "P0", "XX");

    @Test
    void everyClassOfTheServerAndOfTheDriverIsDecided() {
        Set<String> driver = new TreeSet<>();
        Arrays.stream(PSQLState.values())
                .map(PSQLState::getState)
                .filter(state -> state.length() == 5 && !state.startsWith("60"))
                .forEach(state -> driver.add(state.substring(0, 2)));
        assertThat(SqlStates.CLASSES.keySet()).containsAll(APPENDIX).containsAll(driver);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08000", "08001", "08003", "08004", "08006", "08007", "08P01", "08S01", "53000", "53100", "53200",
                "53300", "53400", "57000", "57014", "57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04",
                "40003", "99999", ""
            })
    void silenceCostsTheSession(String state) {
        Answer answer = SqlStates.answer(new SQLException("any", state));
        assertThat(answer).isEqualTo(Answer.SILENCE);
        assertThat(answer.leavesSession()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"25006", "25001", "25P01", "25P02", "26000", "34000", "42P05", "24000", "3B001"})
    void aSessionThatIsNotFitIsReplaced(String state) {
        Answer answer = SqlStates.answer(new SQLException("any", state));
        assertThat(answer).isEqualTo(Answer.STALE_SESSION);
        assertThat(answer.leavesSession()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0A000", "21000", "22003", "22021", "22P02", "22P05", "23502", "23503", "23505", "23514", "28000",
                        "28P01", "3D000", "3F000", "40002",
                "42501", "42601", "42703", "42804", "42883", "42P01", "44000", "54000", "54023", "55000", "55006",
                        "58030", "P0001", "XX000", "XX001",
                "HV000", "F0000", "ZZ123"
            })
    void aRefusalLeavesTheSession(String state) {
        Answer answer = SqlStates.answer(new SQLException("any", state));
        assertThat(answer).isEqualTo(Answer.REFUSAL);
        assertThat(answer.leavesSession()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"40001,CONFLICT", "40P01,CONFLICT", "72000,CONFLICT", "55P03,LOCKED"})
    void whatOthersHoldUpIsNeither(String state, Answer expected) {
        assertThat(SqlStates.answer(new SQLException("any", state))).isEqualTo(expected);
        assertThat(expected.leavesSession()).isTrue();
    }

    @Test
    void theAnswerIsFoundBehindWhatWrapsIt() {
        List<RuntimeException> wrapped = List.of(
                new DataIntegrityViolationException("any", new SQLException("any", "23505")),
                new UncategorizedSQLException("any", null, new SQLException("any", "42501")));
        assertThat(wrapped).allSatisfy(e -> assertThat(SqlStates.answer(e)).isEqualTo(Answer.REFUSAL));
        assertThat(SqlStates.answer(new SQLException("read", "08006", new SocketTimeoutException("timed out"))))
                .isEqualTo(Answer.SILENCE);
    }

    @Test
    void anAnswerThatCannotBeReadIsARefusal() {
        assertThat(SqlStates.answer(new IllegalStateException("a row that is not what it should be")))
                .isEqualTo(Answer.REFUSAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"42501", "28P01", "28000", "3D000", "23505", "42P01", "42703", "3F000", "22003", "P0001"})
    void thereIsAdviceInOneLine(String state) {
        assertThat(RefusalAdvice.of(state)).isNotBlank().doesNotContain("\n");
    }
}
