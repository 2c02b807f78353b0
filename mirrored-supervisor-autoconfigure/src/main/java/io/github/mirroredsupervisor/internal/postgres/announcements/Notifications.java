package io.github.mirroredsupervisor.internal.postgres.announcements;

import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.store.NotificationSession.Hint;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The notifications of one store, as JSON (faults F3). If a hint does not fit into one, a broader hint is sent. */
public final class Notifications {

    public static final String CHANNEL = "mirrored_supervisor";

    // The channel is cast to text, so that no function with another signature is chosen. The commit of a hint waits for
    // no disk and no standby: a hint that is lost with the server is not needed. Such commits queue up behind each
    // other, also behind one that waits for a standby, so the wait has a limit.
    private static final String NOTIFY = """
            select pg_catalog.pg_notify(cast(:channel as text), h.payload)
            from (select pg_catalog.set_config('synchronous_commit', 'off', true),
                         pg_catalog.set_config('lock_timeout', :limit, true)) as settings (asynchronous, lock_timeout),
                pg_catalog.unnest(cast(:payloads as text[])) as h (payload)
            where settings.asynchronous is not null and settings.lock_timeout is not null
            """;

    /** PostgreSQL takes up to 7999 bytes. */
    private static final int LONGEST_PAYLOAD = 7900;

    private static final JsonMapper json = JsonMapper.shared();

    private final String sender;

    /** Hints of the store with this name. */
    public Notifications(String sender) {
        this.sender = sender;
    }

    public String everything() {
        return json.writeValueAsString(new Payload(sender, null, null, null, null));
    }

    public String of(String group) {
        return payload(group, null, null, null).orElseGet(this::everything);
    }

    /** A hint for all children of some groups. */
    public String of(List<String> groups) {
        return groups.size() == 1 ? of(groups.get(0)) : everything();
    }

    public String of(String group, Collection<String> childIds) {
        return payload(group, childIds, null, null).orElseGet(() -> of(group));
    }

    /** For one peer, to which the children were handed. */
    public String handedTo(UUID peer, String group, Collection<String> childIds) {
        return payload(group, childIds, null, peer)
                .or(() -> payload(group, null, null, peer))
                .orElseGet(this::everything);
    }

    /** Commands were carried out: only for callers that wait for an answer. */
    public String answered(String group) {
        return payload(group, null, true, null).orElseGet(this::everything);
    }

    /**
     * Sends them. A failure occurs only at the commit.
     *
     * @param limit how long the commit may wait for others that notify
     */
    public static void send(JdbcClient jdbc, Collection<String> payloads, Duration limit) {
        jdbc.sql(NOTIFY)
                .param("channel", CHANNEL)
                .param("limit", limit.toMillis() + "ms")
                .param("payloads", payloads.toArray(String[]::new))
                .query((row, number) -> number)
                .list();
    }

    private Optional<String> payload(
            String group, @Nullable Collection<String> childIds, @Nullable Boolean answered, @Nullable UUID peer) {
        List<@Nullable String> children = childIds == null ? null : new ArrayList<>(childIds);
        String payload = json.writeValueAsString(new Payload(sender, group, children, answered, peer));
        boolean fits = payload.getBytes(StandardCharsets.UTF_8).length <= LONGEST_PAYLOAD;
        return fits ? Optional.of(payload) : Optional.empty();
    }

    /**
     * Where to look: nowhere for this store's own hints, everywhere for an unreadable one. Every user of the database
     * may notify, so a payload is untrusted data: none makes this throw.
     */
    public Optional<Hint> read(String text) {
        Payload payload;
        try {
            payload = json.readValue(text, Payload.class);
        } catch (JacksonException e) {
            return Optional.of(Hint.EVERYTHING);
        }
        if (payload == null || payload.from() == null) {
            return Optional.of(Hint.EVERYTHING);
        }
        if (sender.equals(payload.from())) {
            return Optional.empty();
        }
        return Optional.of(payload.hint());
    }

    private record Payload(
            @Nullable String from,
            @Nullable String group,
            @Nullable List<@Nullable String> children,
            @Nullable Boolean answered,
            @Nullable UUID peer) {

        /** A child without a name may be any child. */
        Hint hint() {
            boolean named = children != null && !children.contains(null);
            return new Hint(
                    group,
                    named ? Set.copyOf(children) : Set.of(),
                    Boolean.TRUE.equals(answered),
                    peer == null ? null : new PeerId(peer));
        }
    }
}
