package io.github.mirroredsupervisor.simulation;

import io.github.mirroredsupervisor.contract.StoreContract;
import io.github.mirroredsupervisor.internal.store.Store;
import java.util.concurrent.atomic.AtomicLong;

/** The contract of every store, on the store of the simulations. */
class SimulatedStoreTests extends StoreContract {

    private final SimulatedDatabase database = new SimulatedDatabase(System::nanoTime);
    private final AtomicLong keys = new AtomicLong();

    @Override
    protected Store store() {
        return new SimulatedStore(database, SimulatedStore.PERFECT, () -> {}, keys::incrementAndGet);
    }
}
