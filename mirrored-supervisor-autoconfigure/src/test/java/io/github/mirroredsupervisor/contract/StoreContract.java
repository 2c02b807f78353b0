package io.github.mirroredsupervisor.contract;

import io.github.mirroredsupervisor.internal.store.Store;
import org.junit.jupiter.api.Nested;

/** What a peer relies on in any store, by topic. */
public abstract class StoreContract {

    /** A store of one peer; each call returns another one on the same rows, which were cleared before the test. */
    protected abstract Store store();

    @Nested
    class Peers extends PeerContract {
        @Override
        protected Store store() {
            return StoreContract.this.store();
        }
    }

    @Nested
    class DeclaredChildren extends DeclaredChildContract {
        @Override
        protected Store store() {
            return StoreContract.this.store();
        }
    }

    @Nested
    class Ownership extends OwnershipContract {
        @Override
        protected Store store() {
            return StoreContract.this.store();
        }
    }

    @Nested
    class Reports extends ReportContract {
        @Override
        protected Store store() {
            return StoreContract.this.store();
        }
    }

    @Nested
    class Commands extends CommandContract {
        @Override
        protected Store store() {
            return StoreContract.this.store();
        }
    }

    @Nested
    class Reads extends ReadContract {
        @Override
        protected Store store() {
            return StoreContract.this.store();
        }
    }

    @Nested
    class Hints extends HintContract {
        @Override
        protected Store store() {
            return StoreContract.this.store();
        }
    }
}
