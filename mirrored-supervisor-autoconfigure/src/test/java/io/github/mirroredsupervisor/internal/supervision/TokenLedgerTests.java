package io.github.mirroredsupervisor.internal.supervision;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenLedgerTests {

    private final TokenLedger tokens = new TokenLedger(3);

    @Test
    void aTokenIsUsedOnceAndNeverAfterAGreaterOne() {
        tokens.burn("a", 5);
        assertThat(tokens.use("a", 5)).isTrue();
        assertThat(tokens.use("a", 5)).isFalse();
        assertThat(tokens.use("a", 4)).isFalse();
        assertThat(tokens.use("a", 6)).isTrue();
        assertThat(tokens.burnt("a")).isEqualTo(6);
        assertThat(tokens.isOvertaken("a", 6)).isFalse();
        assertThat(tokens.isOvertaken("a", 5)).isTrue();
        assertThat(tokens.burnt("b")).isZero();
    }

    @Test
    void ofForgottenChildrenTheGreatestTokenCounts() {
        tokens.burn("oldest", 9);
        tokens.burn("a", 1);
        tokens.burn("b", 2);
        assertThat(tokens.burnt("a")).isEqualTo(1);
        tokens.burn("c", 3);
        assertThat(tokens.burnt("oldest")).isEqualTo(9);
        assertThat(tokens.burnt("unknown")).isEqualTo(9);
        assertThat(tokens.isOvertaken("unknown", 1))
                .as("it may never have been here")
                .isFalse();
        assertThat(tokens.use("oldest", 9)).isFalse();
        assertThat(tokens.use("oldest", 10)).isTrue();
    }

    @Test
    void whatIsBurntForAllIsNotOvertakenByAnyChild() {
        tokens.burn("a", 7);
        tokens.burnUpTo(20);
        assertThat(tokens.burnt("a")).isEqualTo(20);
        assertThat(tokens.burnt("b")).isEqualTo(20);
        assertThat(tokens.isOvertaken("a", 7)).as("its row was not lowered").isFalse();
        assertThat(tokens.use("a", 7)).as("a launch that was given before").isTrue();
    }

    @Test
    void whatIsForgottenAltogetherIsUsedUp() {
        tokens.burn("a", 7);
        tokens.burn("b", 3);
        tokens.forgetChildren();
        assertThat(tokens.burnt("b")).isEqualTo(7);
        assertThat(tokens.isOvertaken("b", 3)).isFalse();
        assertThat(tokens.use("b", 7)).isFalse();
        assertThat(tokens.use("b", 8)).isTrue();
    }
}
