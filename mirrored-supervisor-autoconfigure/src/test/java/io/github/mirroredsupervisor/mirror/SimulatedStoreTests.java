package io.github.mirroredsupervisor.mirror;

import java.util.concurrent.atomic.AtomicLong;

/** The contract of every store, on the one that simulations use. */
class SimulatedStoreTests extends StoreContract {

    private final SimulatedDatabase database = new SimulatedDatabase(System::nanoTime);
    private final AtomicLong keys = new AtomicLong();

    @Override
    protected Store store() {
        return new SimulatedStore(database, SimulatedStore.PERFECT, () -> {}, keys::incrementAndGet);
    }
}
