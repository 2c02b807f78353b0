package io.github.mirroredsupervisor.internal.postgres.connection;

import java.time.Duration;

/**
 * How long each kind of call may take, derived from the lease (faults F9).
 *
 * @param renewal a whole renewal, reconnecting included: three of them fit between the moment a renewal is due and the
 *     end of the permission, with the default stop-bound
 * @param work one round trip of the work connection
 * @param lockWait how long a statement of the work connection waits for a row
 * @param certificateLock how long it waits for a row if other work has to wait meanwhile: for a death certificate,
 *     which may hold this peer's own row, and for one locked row among many
 * @param groupLock how long it waits for the row of a group if the work thread has other work to do
 * @param watch how long a single wait for another peer's lock lasts: as long as it may hold back the vacuum of the
 *     database (faults F2)
 * @param ping how often the listen connection checks that the session is alive
 * @param lease the lease itself
 */
public record Timeouts(
        Duration renewal,
        Duration work,
        Duration lockWait,
        Duration certificateLock,
        Duration groupLock,
        Duration watch,
        Duration ping,
        Duration lease) {

    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration MOMENT = Duration.ofMillis(50);
    private static final Duration LONG_STATEMENT = Duration.ofSeconds(30);

    /** About ten round trips of a tenth of a second each, and the planning of a statement. */
    private static final Duration FIRST_COMEBACK = Duration.ofSeconds(1);

    private static final Duration LONGEST_COMEBACK = Duration.ofSeconds(8);

    public static Timeouts of(Duration lease, Duration renewInterval) {
        Duration permission = lease.minus(lease.dividedBy(6));
        return new Timeouts(
                longer(permission.minus(renewInterval).dividedBy(3), SHORTEST),
                shorter(longer(lease, Duration.ofSeconds(2)), Duration.ofSeconds(10)),
                shorter(longer(lease.dividedBy(2), Duration.ofMillis(500)), Duration.ofSeconds(3)),
                longer(renewInterval.dividedBy(2), MOMENT),
                MOMENT,
                Duration.ofSeconds(30),
                longer(lease, Duration.ofSeconds(1)),
                lease);
    }

    /**
     * When the server cancels a statement. Reading very many rows may take longer than a single wait for an answer, and
     * coming back may take longer than a renewal.
     */
    public Duration statement(Role role) {
        return switch (role) {
            case RENEW -> longer(renewal, LONGEST_COMEBACK);
            case WORK, READ, LISTEN -> longer(work, LONG_STATEMENT);
            case ANNOUNCE -> work;
            case WATCH -> watch.plus(work);
        };
    }

    /** How long a statement waits for a lock. */
    Duration lockWait(Role role) {
        return switch (role) {
            case WORK, READ -> lockWait;
            case ANNOUNCE -> certificateLock;
            case WATCH -> watch;
            case RENEW, LISTEN -> call(role);
        };
    }

    /** How long a call on a connection of this role may take in total. */
    Duration call(Role role) {
        return role == Role.RENEW ? renewal : work;
    }

    /**
     * How long an attempt to connect and renew may take when there is no permission left to lose (protocol rule 3c). It
     * begins short, as a dead line is best replaced by a new connection. It doubles with each failure, as an overloaded
     * server may need long.
     */
    public Duration comeBack(int failures) {
        Duration wanted = FIRST_COMEBACK.multipliedBy(1L << Math.min(failures, 3));
        return longer(renewal, shorter(wanted, LONGEST_COMEBACK));
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
