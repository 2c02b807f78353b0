package io.github.mirroredsupervisor.internal.postgres.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.mirroredsupervisor.internal.postgres.server.SqlStates;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be told of a way to the database. */
class SecretsTests {

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://h/d,jdbc:postgresql://h/d",
        "jdbc:postgresql://h:5432/d?password=hunter2,jdbc:postgresql://h:5432/d",
        "jdbc:postgresql://[::1]:5432/d?password=hunter2,jdbc:postgresql://[::1]:5432/d",
        "'jdbc:postgresql://a:1,b-c.example:2/d?x=y','jdbc:postgresql://a:1,b-c.example:2/d'",
        "jdbc:postgresql:d,jdbc:postgresql:d",
        "jdbc:postgresql:///d,jdbc:postgresql:///d",
        "jdbc:postgresql://user:hunter2@h:5432/d?ssl=true,jdbc:postgresql://h:5432/d",
        "jdbc:postgresql://user:hunter@2@h/d,jdbc:postgresql://h/d",
        "jdbc:postgresql://user:hun/ter2@h/d,jdbc:postgresql://h/d",
        "jdbc:h2:mem:other,jdbc:h2:mem:other",
        "jdbc:h2:mem:other;USER=sa;PASSWORD=hunter2,jdbc:h2:mem:other",
        "jdbc:oracle:thin:scott/hunter2@//h:1521/x,jdbc:oracle:...",
    })
    void urlsAreShownWithoutSecrets(String url, String shown) {
        assertThat(JdbcUrls.shown(url)).isEqualTo(shown);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://user:hunter2?@h/d",
                "jdbc:postgresql://user:12?hunter2@h/d",
                "jdbc:postgresql:hunter2@h",
                "jdbc:mysql://root:hunter2;x@h/d",
                "jdbc:mysql://root:hunter2?x@h/d",
                "postgresql://u:hunter2;x@h/d",
                "jdbc:postgresql://h:hunter2/d",
                "jdbc:postgresql://h/d/hunter2?a=b",
                "jdbc:postgresql://h/d?password=hunter2%"
            })
    void noPartOfAStrangeUrlIsShownThatMayBeASecret(String url) {
        assertThat(JdbcUrls.shown(url)).doesNotContain("hunter2");
    }

    @Test
    void theDriverIsGivenParametersAsProperties() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("password", "other");
        properties.setProperty("ssl", "true");
        String url = "jdbc:postgresql://h:1/d%20b?user=u&password=50%25off%2B+x&flag&service=s&dbname=e";

        assertThat(JdbcUrls.forDriver(url, properties)).isEqualTo("jdbc:postgresql://h:1/d%20b?service=s");
        assertThat(properties)
                .containsEntry("user", "u")
                .containsEntry("password", "50%off+ x")
                .containsEntry("ssl", "true")
                .containsEntry("flag", "")
                .containsEntry("PGDBNAME", "e");
        for (String readable :
                List.of("jdbc:postgresql:d", "jdbc:postgresql:///d", "jdbc:postgresql://a:1,[::1]:2/d@e:f")) {
            assertThat(JdbcUrls.forDriver(readable, new Properties())).isEqualTo(readable);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://user:hunter2@h/d",
                "jdbc:postgresql://h/d?password=hunter2%",
                "jdbc:postgresql://h/d?password=%zzhunter2",
                "jdbc:postgresql://h/d/hunter2",
                "jdbc:postgresql://user:hun?ter2@h/d",
                "jdbc:postgresql://h:hunter2/d"
            })
    void whatTheDriverWouldPrintIsNotGivenToIt(String url) {
        assertThatThrownBy(() -> JdbcUrls.forDriver(url, new Properties()))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("cannot be read")
                .hasMessageNotContaining("hunter2")
                .hasMessageNotContaining("ter2@");
    }

    @Test
    void textsAndFailuresAreKeptFromTellingThem() {
        String url = "jdbc:postgresql://h/d?user=u&password=50%off&sslpassword=a%20b%21";
        Secrets secrets = Secrets.of(url, "u", "plain-secret", Map.of("sslpassword", "third-secret"));
        SQLException driver = new SQLException("Unable to parse URL " + url, "99999", new IllegalStateException(url));
        driver.setNextException(new SQLException("and again: 50%off"));
        driver.addSuppressed(new IllegalStateException("plain-secret"));
        RuntimeException outer = new IllegalStateException("third-secret or a b!", driver);

        String told = stackTrace(secrets.hide(outer));

        assertThat(told)
                .contains("Unable to parse URL jdbc:postgresql://h/d")
                .doesNotContain("50%off", "plain-secret", "third-secret", "a%20b%21", "a b!");
        assertThat(SqlStates.stateOf(secrets.hide(outer))).isEqualTo("99999");
    }

    @Test
    void whatTellsNothingStaysAsItIs() {
        Secrets secrets = Secrets.of("jdbc:postgresql://h/d", "app", "app", Map.of());
        SQLException failure = new SQLException("permission denied for role app", "42501");
        assertThat((Throwable) secrets.hide(failure)).isSameAs(failure);
        assertThat(secrets.hide("role app")).isEqualTo("role app");
    }

    private static String stackTrace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
