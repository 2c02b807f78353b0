package io.github.mirroredsupervisor.internal.postgres.sessions;

import io.github.mirroredsupervisor.internal.postgres.announcements.HistoryTable;
import io.github.mirroredsupervisor.internal.postgres.children.ChildCommands;
import io.github.mirroredsupervisor.internal.postgres.children.ChildGrants;
import io.github.mirroredsupervisor.internal.postgres.children.ChildReads;
import io.github.mirroredsupervisor.internal.postgres.children.ChildReports;
import io.github.mirroredsupervisor.internal.postgres.children.ChildRowMapper;
import io.github.mirroredsupervisor.internal.postgres.children.Sequences;
import io.github.mirroredsupervisor.internal.postgres.membership.ConfirmedRenewal;
import io.github.mirroredsupervisor.internal.postgres.membership.GroupTable;
import io.github.mirroredsupervisor.internal.postgres.membership.MemberTable;
import io.github.mirroredsupervisor.internal.postgres.membership.PeerTable;
import io.github.mirroredsupervisor.internal.postgres.values.SpecJson;

/** One instance of each table: they hold no state but their SQL. */
record Tables(
        PeerTable peers,
        MemberTable members,
        GroupTable groups,
        HistoryTable history,
        ChildReads reads,
        ChildGrants grants,
        ChildReports reports,
        ChildCommands commands,
        Sequences sequences) {

    static Tables create(SpecJson json, ConfirmedRenewal confirmed) {
        ChildRowMapper mapper = new ChildRowMapper(json);
        return new Tables(
                new PeerTable(confirmed),
                new MemberTable(),
                new GroupTable(),
                new HistoryTable(),
                new ChildReads(mapper),
                new ChildGrants(json, confirmed),
                new ChildReports(mapper),
                new ChildCommands(json, mapper),
                new Sequences());
    }
}
