package io.github.mirroredsupervisor.internal.postgres.announcements;

import io.github.mirroredsupervisor.PeerId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The names of the channels: one for each group, which its members listen on, and one for each peer, which only that
 * peer listens on. A name has at most 63 bytes, and the name of a group may be longer and have any characters: so a
 * group's channel is named after a hash. Two groups with one hash would wake each other, and nothing else.
 */
public final class Channels {

    private static final String OF_GROUP = "mirrored_supervisor_group_";
    private static final String OF_PEER = "mirrored_supervisor_peer_";
    private static final int HASHED_BYTES = 16;

    private Channels() {}

    public static String ofGroup(String group) {
        byte[] hash = sha256().digest(group.getBytes(StandardCharsets.UTF_8));
        return OF_GROUP + HexFormat.of().formatHex(hash, 0, HASHED_BYTES);
    }

    public static String ofPeer(PeerId peer) {
        return OF_PEER + peer.value().toString().replace("-", "");
    }

    /** The statements with which a member of these groups begins to listen. */
    public static String listen(PeerId me, Collection<String> groups) {
        return Stream.concat(groups.stream().map(Channels::ofGroup), Stream.of(ofPeer(me)))
                .map(channel -> "listen \"" + channel + "\"")
                .collect(Collectors.joining("; "));
    }

    /** The statements with which a peer that has joined again listens under its new id instead of its former one. */
    public static String listenAnew(PeerId former, PeerId me) {
        return "unlisten \"" + ofPeer(former) + "\"; listen \"" + ofPeer(me) + "\"";
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
