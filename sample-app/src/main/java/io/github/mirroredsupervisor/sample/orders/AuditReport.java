package io.github.mirroredsupervisor.sample.orders;

/**
 * What came of checking the deliveries so far.
 *
 * @param delivered rows in all
 * @param duplicates rows whose order had been delivered before
 * @param reorderings rows that came after a later order of the same tenant
 * @param gaps orders that were skipped and have not been delivered since
 * @param staleWrites rows delivered by a run after a later run of the same child had delivered: the late act of a
 *     paused process, which its fenced transactions make impossible
 */
public record AuditReport(long delivered, long duplicates, long reorderings, long gaps, long staleWrites) {

    /** What was wrong, for people. */
    public String faults() {
        return duplicates + " twice, " + reorderings + " out of order, " + gaps + " skipped, " + staleWrites
                + " by a run that had been replaced";
    }

    /** Whether every order was delivered once, in its order, and by the run whose turn it was. */
    public boolean isExact() {
        return duplicates == 0 && reorderings == 0 && gaps == 0 && staleWrites == 0;
    }
}
