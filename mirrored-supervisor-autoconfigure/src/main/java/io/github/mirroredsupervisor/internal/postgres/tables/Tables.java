package io.github.mirroredsupervisor.internal.postgres.tables;

/** One instance of each table: they hold no state but their SQL. */
public record Tables(
        PeerTable peers,
        MemberTable members,
        GroupTable groups,
        HistoryTable history,
        ChildReads reads,
        ChildGrants grants,
        ChildReports reports,
        ChildCommands commands,
        Sequences sequences) {

    public static Tables create(SpecJson json, ConfirmedRenewal confirmed) {
        ChildRowMapper mapper = new ChildRowMapper(json);
        return new Tables(
                new PeerTable(confirmed),
                new MemberTable(),
                new GroupTable(),
                new HistoryTable(),
                new ChildReads(mapper),
                new ChildGrants(json, confirmed),
                new ChildReports(),
                new ChildCommands(json, mapper),
                new Sequences());
    }
}
