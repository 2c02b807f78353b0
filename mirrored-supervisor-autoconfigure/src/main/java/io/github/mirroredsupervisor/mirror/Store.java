package io.github.mirroredsupervisor.mirror;

import io.github.mirroredsupervisor.ChildSpec;

/** The store as a peer sees it: three private connections, opened when first used and again after every failure. */
public interface Store {

    RenewalSession openRenewals();

    WorkSession openWork();

    HintSession openHints();

    /**
     * The spec as it will be read back, to be compared with stored ones: storing can turn a {@code Long} among the arguments into an
     * {@code Integer}, or a record into a map.
     *
     * @throws io.github.mirroredsupervisor.InvalidChildSpecException if it cannot be stored
     */
    default ChildSpec asStored(ChildSpec spec) {
        return spec;
    }
}
