package io.github.mirroredsupervisor.simulation;

import io.github.mirroredsupervisor.contract.StoreRaceContract;
import io.github.mirroredsupervisor.internal.store.Store;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The races of every store, on the store of the simulations. It runs the transactions one after the other, in a random
 * order.
 */
class SimulatedStoreRaceTests extends StoreRaceContract {

    private final SimulatedDatabase database = new SimulatedDatabase(System::nanoTime);
    private final AtomicLong keys = new AtomicLong();
    private final Random random = new Random(1);

    @Override
    protected Store store() {
        return new SimulatedStore(database, SimulatedStore.PERFECT, () -> {}, keys::incrementAndGet);
    }

    @Override
    protected int rounds() {
        return 1;
    }

    @Override
    protected List<Boolean> meet(Scene scene, List<Step> steps) {
        List<Integer> order = new ArrayList<>(List.of(0, 1, 2).subList(0, steps.size()));
        Collections.shuffle(order, random);
        Boolean[] results = new Boolean[steps.size()];
        try (Sessions on = Sessions.of(store())) {
            order.forEach(i -> results[i] = steps.get(i).take(scene, on));
        }
        return List.of(results);
    }
}
