package io.github.mirroredsupervisor.internal.postgres.children;

import io.github.mirroredsupervisor.LastExit;
import io.github.mirroredsupervisor.PeerId;
import io.github.mirroredsupervisor.internal.postgres.values.StorableText;
import io.github.mirroredsupervisor.internal.store.rows.ChildRow;
import io.github.mirroredsupervisor.internal.store.rows.PhaseReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What owners report about their runs. A report counts only while the row still names the owner and the token of the
 * run.
 */
public final class ChildReports {

    /** PostgreSQL cannot read the years outside of these limits as Java writes them. */
    private static final Instant FIRST_STORABLE = Instant.parse("0001-01-01T00:00:00Z");

    private static final Instant LAST_STORABLE = Instant.parse("9999-12-31T23:59:59Z");

    // The ids occur twice, and the owner in a form that no index serves, so that the rows are found by the key. Right
    // after an adoption the planner still assumes that this owner has no children, and would compare all of them with
    // all reports.
    private static final String LOCK = """
            select LOCKED
            from mirrored_supervisor.child c
            join SOURCE on r.id = c.id and r.token = c.fencing_token
            where c.group_name = :group and c.id = any (:ids) and c.owner is not distinct from :me
            order by c.id
            for no key update of c
            """;

    private static final String RUNS = "unnest(:ids::text[], :tokens::bigint[]) as r (id, token)";

    private static final String REPORTS = """
            unnest(:ids::text[], :tokens::bigint[], :phases::text[], :restarts::int[], :inWindow::int[],
                   cast(:retries as text[])::timestamptz[], :exitKinds::text[], :exitReasons::text[],
                   cast(:exitTimes as text[])::timestamptz[], :answers::bigint[], :failures::text[], :desired::text[])
                as r (id, token, phase, restarts, in_window, next_retry, exit_kind, exit_reason, exit_at,
                      answers, failure, desired)
            """;

    // A desired state that is reported with the answer to a command must not undo a later command.
    private static final String REPORT = """
            update mirrored_supervisor.child c
            set phase = r.phase,
                since = case when c.phase = r.phase then c.since else pg_catalog.clock_timestamp() end,
                restarts = r.restarts,
                restarts_in_window = r.in_window,
                next_retry = r.next_retry,
                last_exit_kind = coalesce(r.exit_kind, c.last_exit_kind),
                last_exit_reason = case when r.exit_kind is null then c.last_exit_reason else r.exit_reason end,
                last_exit_at = coalesce(r.exit_at, c.last_exit_at),
                failure = case when r.answers >= c.answered or r.phase = 'QUARANTINED' then r.failure else c.failure end,
                answered = greatest(c.answered, r.answers),
                desired = case when c.revision = coalesce(r.answers, c.revision) then coalesce(r.desired, c.desired)
                               else c.desired end
            from SOURCE
            where c.group_name = :group and c.id = any (:ids) and c.id = r.id
              and c.owner is not distinct from :me and c.fencing_token = r.token
            """;

    private static final String ONLY = "returning c.id";
    private static final String AND_READ = "returning c.*) " + ChildRowMapper.selectWritten();
    private static final String LOCK_ANY = RowLocks.lock(LOCK, RUNS);
    private static final String LOCK_FREE = RowLocks.lockFree(LOCK, REPORTS, "r");

    private static final String REPORT_LOCKED = RowLocks.ofLocked(REPORT, REPORTS) + ONLY;
    private static final String REPORT_LOCKED_AND_READ =
            "with written as (" + RowLocks.ofLocked(REPORT, REPORTS) + AND_READ;
    private static final String REPORT_FREE = LOCK_FREE + RowLocks.ofFree(REPORT, "r") + ONLY;
    private static final String REPORT_FREE_AND_READ =
            LOCK_FREE + ", written as (" + RowLocks.ofFree(REPORT, "r") + AND_READ;

    private final ChildRowMapper mapper;

    public ChildReports(ChildRowMapper mapper) {
        this.mapper = mapper;
    }

    /**
     * A child whose report was written.
     *
     * @param row the row with the report, if it was wanted
     */
    public record Written(String childId, @Nullable ChildRow row) {}

    /** Locks the children whose owner and token are still those of their reports, and returns the reports. */
    public List<PhaseReport> lock(JdbcClient jdbc, String group, PeerId me, Collection<PhaseReport> reports) {
        Set<String> locked = Set.copyOf(jdbc.sql(LOCK_ANY)
                .param("group", group)
                .param("me", me.value())
                .param("ids", texts(reports, PhaseReport::childId))
                .param("tokens", reports.stream().map(PhaseReport::token).toArray(Long[]::new))
                .query(String.class)
                .list());
        return reports.stream()
                .filter(report -> locked.contains(report.childId()))
                .toList();
    }

    /**
     * Writes reports, at most one for each child: on the children that are free and whose owner and token are those of
     * their reports, or else on those that this transaction has locked. Returns the children that were written.
     *
     * @param awaited the children whose rows are wanted. The others are written by another statement, so that a report
     *     of thousands does not bring back thousands of rows
     */
    public List<Written> report(
            JdbcClient jdbc,
            RowLocks locks,
            String group,
            PeerId me,
            Collection<PhaseReport> reports,
            Set<String> awaited) {
        boolean free = locks == RowLocks.SKIP;
        List<PhaseReport> read = reports.stream()
                .filter(report -> awaited.contains(report.childId()))
                .toList();
        List<PhaseReport> others = reports.stream()
                .filter(report -> !awaited.contains(report.childId()))
                .toList();
        List<Written> written = new ArrayList<>();
        if (!read.isEmpty()) {
            statement(jdbc, free ? REPORT_FREE_AND_READ : REPORT_LOCKED_AND_READ, group, me, read)
                    .query(mapper)
                    .list()
                    .forEach(row -> written.add(new Written(row.id(), row)));
        }
        if (!others.isEmpty()) {
            statement(jdbc, free ? REPORT_FREE : REPORT_LOCKED, group, me, others)
                    .query(String.class)
                    .list()
                    .forEach(id -> written.add(new Written(id, null)));
        }
        return written;
    }

    private static JdbcClient.StatementSpec statement(
            JdbcClient jdbc, String sql, String group, PeerId me, Collection<PhaseReport> reports) {
        return jdbc.sql(sql)
                .param("group", group)
                .param("me", me.value())
                .param("ids", texts(reports, PhaseReport::childId))
                .param("tokens", reports.stream().map(PhaseReport::token).toArray(Long[]::new))
                .param("phases", texts(reports, report -> report.phase().name()))
                .param("restarts", reports.stream().map(PhaseReport::restarts).toArray(Integer[]::new))
                .param(
                        "inWindow",
                        reports.stream().map(PhaseReport::restartsInWindow).toArray(Integer[]::new))
                .param("retries", texts(reports, report -> time(report.nextRetry())))
                .param(
                        "exitKinds",
                        texts(
                                reports,
                                report -> exit(report, exit -> exit.kind().name())))
                .param(
                        "exitReasons",
                        texts(reports, report -> exit(report, exit -> StorableText.storable(exit.reason()))))
                .param("exitTimes", texts(reports, report -> exit(report, exit -> time(exit.at()))))
                .param("answers", reports.stream().map(PhaseReport::answers).toArray(Long[]::new))
                .param("failures", texts(reports, report -> StorableText.storable(report.failure())))
                .param(
                        "desired",
                        texts(
                                reports,
                                report -> report.desired() == null
                                        ? null
                                        : report.desired().name()));
    }

    /** The last report per child and token, completed with the answers of earlier ones. */
    public static List<PhaseReport> merged(Collection<PhaseReport> reports) {
        return List.copyOf(reports.stream()
                .collect(Collectors.toMap(
                        report -> List.of(report.childId(), report.token()),
                        Function.identity(),
                        ChildReports::merge,
                        java.util.LinkedHashMap::new))
                .values());
    }

    private static PhaseReport merge(PhaseReport earlier, PhaseReport later) {
        boolean answered = later.answers() != null || earlier.answers() == null;
        return new PhaseReport(
                later.childId(),
                later.token(),
                later.phase(),
                later.restarts(),
                later.restartsInWindow(),
                later.nextRetry(),
                later.lastExit() == null ? earlier.lastExit() : later.lastExit(),
                answered ? later.answers() : earlier.answers(),
                answered || later.failure() != null ? later.failure() : earlier.failure(),
                later.desired() == null ? earlier.desired() : later.desired());
    }

    private static @Nullable String exit(PhaseReport report, Function<LastExit, @Nullable String> part) {
        LastExit exit = report.lastExit();
        return exit == null ? null : part.apply(exit);
    }

    private static @Nullable String time(@Nullable Instant instant) {
        if (instant == null) {
            return null;
        }
        if (instant.isBefore(FIRST_STORABLE)) {
            return FIRST_STORABLE.toString();
        }
        return instant.isAfter(LAST_STORABLE) ? LAST_STORABLE.toString() : instant.toString();
    }

    private static @Nullable String[] texts(
            Collection<PhaseReport> reports, Function<PhaseReport, @Nullable String> column) {
        return reports.stream().map(column).toArray(String[]::new);
    }
}
