package io.github.mirroredsupervisor.actuate;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.github.mirroredsupervisor.ChildCounts;
import io.github.mirroredsupervisor.ChildInfo;
import io.github.mirroredsupervisor.GroupInfo;
import io.github.mirroredsupervisor.MirroredSupervisor;
import io.github.mirroredsupervisor.PeerInfo;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * Shows which child runs where, in every group of this application. Each operation queries the database and contacts no
 * peer.
 */
@Endpoint(id = "supervisors", defaultAccess = Access.READ_ONLY)
public final class SupervisorsEndpoint {

    private final Map<String, MirroredSupervisor> supervisors = new LinkedHashMap<>();

    /** The endpoint of these supervisors. */
    public SupervisorsEndpoint(Collection<MirroredSupervisor> supervisors) {
        supervisors.forEach(supervisor -> this.supervisors.put(supervisor.group(), supervisor));
    }

    /** Every group by name. */
    @ReadOperation
    public SupervisorsDescriptor supervisors() {
        Map<String, SupervisorDescriptor> groups = new LinkedHashMap<>();
        supervisors.forEach((group, supervisor) -> groups.put(group, describe(supervisor)));
        return new SupervisorsDescriptor(groups);
    }

    /** One group; null if the application has no group of that name. */
    @ReadOperation
    public @Nullable SupervisorDescriptor supervisor(@Selector String group) {
        MirroredSupervisor supervisor = supervisors.get(group);
        return supervisor == null ? null : describe(supervisor);
    }

    /** One child; null if the group or the child does not exist. */
    @ReadOperation
    public @Nullable ChildDescriptor child(@Selector String group, @Selector String childId) {
        MirroredSupervisor supervisor = supervisors.get(group);
        if (supervisor == null) {
            return null;
        }
        return supervisor.whichChildren().stream()
                .filter(child -> child.id().equals(childId))
                .map(ChildDescriptor::new)
                .findFirst()
                .orElse(null);
    }

    private static SupervisorDescriptor describe(MirroredSupervisor supervisor) {
        return new SupervisorDescriptor(
                supervisor.group(),
                supervisor.self().toString(),
                supervisor.groupInfo(),
                supervisor.whichChildren(),
                supervisor.countChildren(),
                supervisor.peers());
    }

    /**
     * All groups.
     *
     * @param groups each group by its name
     */
    public record SupervisorsDescriptor(Map<String, SupervisorDescriptor> groups) implements OperationResponseBody {}

    /**
     * One group.
     *
     * @param group its name
     * @param self the id of the peer that answers
     * @param groupInfo its state, and why it is terminated if it is
     * @param whichChildren its children in start order
     * @param countChildren how many there are
     * @param peers its members in the order in which they joined
     */
    public record SupervisorDescriptor(
            String group,
            String self,
            GroupInfo groupInfo,
            List<ChildInfo> whichChildren,
            ChildCounts countChildren,
            List<PeerInfo> peers)
            implements OperationResponseBody {}

    /**
     * One child; its JSON is that of the {@link ChildInfo}.
     *
     * @param child the child
     */
    public record ChildDescriptor(@JsonUnwrapped ChildInfo child) implements OperationResponseBody {}
}
