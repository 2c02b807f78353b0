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

/**
 * The notifications of one store, as JSON (faults F3), and the channels that they go to. What one peer has to act on
 * goes to that peer, an answer to the peers that asked, and what each member has to look at to the group. If a hint
 * does not fit into one, a broader hint is sent. Thread-safe.
 */
public final class Notifications {

    // The channel is cast to text, so that no function with another signature is chosen. The commit of a hint waits for
    // no disk and no standby: a hint that is lost with the server is not needed. Such commits queue up behind each
    // other, also behind one that waits for a standby, so the wait has a limit.
    private static final String NOTIFY = """
            select pg_catalog.pg_notify(cast(h.channel as text), h.payload)
            from (select pg_catalog.set_config('synchronous_commit', 'off', true),
                         pg_catalog.set_config('lock_timeout', :limit, true)) as settings (asynchronous, lock_timeout),
                rows from (pg_catalog.unnest(cast(:channels as text[])), pg_catalog.unnest(cast(:payloads as text[])))
                    as h (channel, payload)
            where settings.asynchronous is not null and settings.lock_timeout is not null
            """;

    /** PostgreSQL takes up to 7999 bytes. */
    private static final int LONGEST_PAYLOAD = 7900;

    private static final JsonMapper json = JsonMapper.shared();

    private final String sender;
    private final Askers askers = new Askers();

    /** Under which id this store listens: the peer that answers for its callers go to. Null if it does not listen. */
    private volatile @Nullable PeerId listener;

    /** A hint, and the only ones that it wakes. */
    public record Message(String channel, String payload) {}

    /** Hints of the store with this name. */
    public Notifications(String sender) {
        this.sender = sender;
    }

    /** This store now listens under this id; under none if it is null. */
    public void listensAs(@Nullable PeerId me) {
        listener = me;
    }

    /** Wakes all who listen there, to look everywhere. */
    public Message everything(String channel) {
        return new Message(channel, payload(null, null, null, null));
    }

    /** To the members of these groups, for all children. */
    public List<Message> toMembers(Collection<String> groups) {
        return groups.stream().map(group -> group(group)).toList();
    }

    /** To the members of the group, one of which has something to do about these children. */
    public List<Message> toMembers(String group, Collection<String> childIds) {
        return List.of(hint(Channels.ofGroup(group), group, childIds, null));
    }

    /** Also says that callers of this process wait for the answer. */
    public List<Message> askMembers(String group, Collection<String> childIds) {
        return List.of(hint(Channels.ofGroup(group), group, childIds, listener));
    }

    /** To the only peer that has something to do about these children. This process needs no hint of its own. */
    public List<Message> toPeer(PeerId peer, String group, Collection<String> childIds) {
        return peer.equals(listener) ? List.of() : List.of(hint(Channels.ofPeer(peer), group, childIds, null));
    }

    /** Also says that callers of this process wait for the answer. */
    public List<Message> askPeer(PeerId peer, String group, Collection<String> childIds) {
        PeerId me = listener;
        return peer.equals(me) ? List.of() : List.of(hint(Channels.ofPeer(peer), group, childIds, me));
    }

    /** Says nothing but that callers of this process wait for what the owner does next. */
    public List<Message> await(PeerId owner, String group, String childId) {
        PeerId me = listener;
        return me == null || me.equals(owner)
                ? List.of()
                : fitting(Channels.ofPeer(owner), payload(group, List.of(childId), true, me)).stream()
                        .toList();
    }

    /** To those that wait for an answer about any of these children. Their peers have nothing else to do about it. */
    public List<Message> answer(String group, Collection<String> childIds) {
        return askers.take(group, childIds).stream()
                .filter(asker -> !asker.equals(listener))
                .map(Channels::ofPeer)
                .map(channel ->
                        fitting(channel, payload(group, null, true, null)).orElseGet(() -> everything(channel)))
                .toList();
    }

    /**
     * Sends them. A failure occurs only at the commit.
     *
     * @param limit how long the commit may wait for others that notify
     */
    public static void send(JdbcClient jdbc, Collection<Message> messages, Duration limit) {
        jdbc.sql(NOTIFY)
                .param("limit", limit.toMillis() + "ms")
                .param("channels", messages.stream().map(Message::channel).toArray(String[]::new))
                .param("payloads", messages.stream().map(Message::payload).toArray(String[]::new))
                .query((row, number) -> number)
                .list();
    }

    private Message group(String group) {
        String channel = Channels.ofGroup(group);
        return fitting(channel, payload(group, null, null, null)).orElseGet(() -> everything(channel));
    }

    private Message hint(String channel, String group, Collection<String> childIds, @Nullable PeerId asker) {
        return fitting(channel, payload(group, childIds, null, asker))
                .or(() -> fitting(channel, payload(group, null, null, null)))
                .orElseGet(() -> everything(channel));
    }

    private static Optional<Message> fitting(String channel, String payload) {
        boolean fits = payload.getBytes(StandardCharsets.UTF_8).length <= LONGEST_PAYLOAD;
        return fits ? Optional.of(new Message(channel, payload)) : Optional.empty();
    }

    private String payload(
            @Nullable String group,
            @Nullable Collection<String> childIds,
            @Nullable Boolean answered,
            @Nullable PeerId asker) {
        List<@Nullable String> children = childIds == null ? null : new ArrayList<>(childIds);
        return json.writeValueAsString(
                new Payload(sender, group, children, answered, asker == null ? null : asker.value()));
    }

    /**
     * Where to look: nowhere for this store's own hints, everywhere for an unreadable one. Remembers who asks. Every
     * user of the database may notify, so a payload is untrusted data: none makes this throw.
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
        Hint hint = payload.hint();
        if (payload.asker() != null && hint.group() != null) {
            askers.asks(new PeerId(payload.asker()), hint.group(), hint.childIds());
        }
        return Optional.of(hint);
    }

    private record Payload(
            @Nullable String from,
            @Nullable String group,
            @Nullable List<@Nullable String> children,
            @Nullable Boolean answered,
            @Nullable UUID asker) {

        /** A child without a name may be any child. */
        Hint hint() {
            boolean named = children != null && !children.contains(null);
            return new Hint(group, named ? Set.copyOf(children) : Set.of(), Boolean.TRUE.equals(answered));
        }
    }
}
