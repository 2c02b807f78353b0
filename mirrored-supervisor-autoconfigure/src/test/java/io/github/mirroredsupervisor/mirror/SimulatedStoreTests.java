package io.github.mirroredsupervisor.mirror;

/** The contract of every store, on the one that simulations use. */
class SimulatedStoreTests extends StoreContract {

    private final SimulatedDatabase database = new SimulatedDatabase(System::nanoTime);

    @Override
    protected Store store() {
        return new SimulatedStore(database, SimulatedStore.PERFECT, () -> {});
    }
}
