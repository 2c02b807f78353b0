package io.github.mirroredsupervisor.internal.peer;

/** Makes the store ready to be joined. */
public interface StorePreparation {

    /** Called before each try to join, on the work thread. Throws if the store cannot be joined yet. */
    void prepare();
}
