package io.github.mirroredsupervisor.internal.postgres;

import io.github.mirroredsupervisor.autoconfigure.FenceInterleavingTests;
import io.github.mirroredsupervisor.autoconfigure.FencedTransactionTests;
import io.github.mirroredsupervisor.testing.MutantBuild.Change;
import java.util.List;

/**
 * The SQL that ships, with one condition, lock or order left out, and the test that has to notice. Each names the rule
 * of docs/protocol.md that it breaks.
 */
enum SqlMutant {
    RENEWS_THE_DEAD(
            "2",
            "sessions/PostgresRenewalSession",
            "where id = :me and state = 'ALIVE'",
            "where id = :me",
            PostgresStoreTests.class,
            "aPeerThatIsNotAliveIsNotRenewed"),
    TAKES_A_ROW_THAT_IS_GONE_FOR_A_CERTIFICATE(
            "11b",
            "sessions/PostgresRenewalSession",
            "p.join_order, p.state = 'ALIVE' as alive",
            "p.join_order, false as alive",
            PeerRaceTests.class,
            "aRenewalBehindADeletionLearnsThatItsRowIsGone"),
    WATCHES_THE_EARLIEST_OF_THOSE_BEFORE_IT(
            "3b",
            "sessions/PostgresRenewalSession",
            "< (select s.join_order from self s) order by p.join_order desc",
            "< (select s.join_order from self s) order by p.join_order",
            PostgresStoreTests.class,
            "aPeerWatchesItsPredecessors"),
    OBSERVES_THE_DEAD(
            "3",
            "sessions/PostgresRenewalSession",
            "where p.state = 'ALIVE' and (select s.predecessors < OBSERVERS_OF_ALL",
            "where (select s.predecessors < OBSERVERS_OF_ALL",
            PostgresStoreTests.class,
            "aPeerThatIsNotAliveIsNotRenewed"),
    CERTIFIES_WHO_HAS_LEFT(
            "4",
            "membership/PeerTable",
            "where id = :victim and state = 'ALIVE' and renew_seq",
            "where id = :victim and renew_seq",
            PeerRaceTests.class,
            "whoIsLeavingIsNotDeclaredDead"),
    CERTIFIES_WITHOUT_THE_COUNTER(
            "4",
            "membership/PeerTable",
            "and renew_seq = :seq and LAST_RENEWED",
            "and LAST_RENEWED",
            PostgresStoreTests.class,
            "aCertificateNeedsTheCounterThatWasTimed"),
    CERTIFIES_WITHOUT_THE_TIME(
            "4",
            "membership/PeerTable",
            "and renew_seq = :seq and LAST_RENEWED = :at",
            "and renew_seq = :seq",
            PostgresStoreTests.class,
            "aCertificateNeedsTheCounterThatWasTimed"),
    CERTIFIES_BY_WHAT_WAS_FORGOTTEN(
            "11b",
            "membership/PeerTable",
            "p.id = :me and p.renew_seq >= :confirmed",
            "p.id = :me",
            PostgresStoreTests.class,
            "aDatabaseThatHasForgottenARenewalDeclaresNobodyDead"),
    ACCUSERS_LOCK_THE_VICTIM_FIRST(
            "4",
            "membership/PeerTable",
            "where id in (:me, :victim) order by id for no key update",
            "where id in (:me, :victim) order by id = :me for no key update",
            PeerRaceTests.class,
            "whoeverAccusesWhomTheRowsAreLockedInTheOrderOfTheirIds"),
    ACCUSERS_LOCK_NOTHING(
            "4",
            "membership/PeerTable",
            "where id in (:me, :victim) order by id for no key update",
            "where id in (:me, :victim) order by id",
            PeerRaceTests.class,
            "ofTwoThatAccuseEachOtherOneDies"),
    LEAVES_AFTER_ITS_DEATH(
            "4",
            "membership/PeerTable",
            "set state = 'LEFT', ended_at = pg_catalog.clock_timestamp() where id = :me and state = 'ALIVE'",
            "set state = 'LEFT', ended_at = pg_catalog.clock_timestamp() where id = :me",
            PostgresStoreTests.class,
            "deadAndLeftAreFinal"),
    PURGES_THE_LIVING(
            "4",
            "membership/PeerTable",
            "where p.state in ('DEAD', 'LEFT') and coalesce",
            "where coalesce",
            PostgresStoreTests.class,
            "onlyEndedPeersThatOwnNothingArePurged"),
    PURGES_OWNERS(
            "4",
            "membership/PeerTable",
            "and not exists (select from mirrored_supervisor.child c where c.owner = p.id) limit :most",
            "limit :most",
            PostgresStoreTests.class,
            "onlyEndedPeersThatOwnNothingArePurged"),
    CLAIMS_FROM_ANY_OWNER(
            "5",
            "children/ChildGrants",
            "and c.owner is not distinct from e.owner and c.fencing_token = e.token",
            "and c.fencing_token = e.token",
            PostgresStoreTests.class,
            "aGrantNeedsOwnerAndTokenAsTheyWereRead"),
    CLAIMS_WITH_ANY_TOKEN(
            "5",
            "children/ChildGrants",
            "and c.owner is not distinct from e.owner and c.fencing_token = e.token",
            "and c.owner is not distinct from e.owner",
            PostgresStoreTests.class,
            "aGrantNeedsOwnerAndTokenAsTheyWereRead"),
    CLAIMS_IN_ANY_GROUP(
            "5",
            "children/ChildGrants",
            "c.group_name = :group and c.id = any (:ids) and c.id = e.id",
            "c.id = any (:ids) and c.id = e.id",
            FencingTokenTests.class,
            "aGrantIsOfOneGroup"),
    ADOPTERS_LOCK_IN_ANOTHER_ORDER(
            "5",
            "children/ChildGrants",
            "order by c.id for no key update of c",
            "order by c.id desc for no key update of c",
            OwnershipRaceTests.class,
            "anAdopterWaitsForRowsInTheOrderOfTheirIds"),
    ADOPTERS_LOCK_NOTHING(
            "5",
            "children/ChildGrants",
            "order by c.id for no key update of c",
            "order by c.id",
            OwnershipRaceTests.class,
            "oneLockedChildHoldsUpNoOther"),
    GRANTS_TO_THE_DEAD(
            "5",
            "children/ChildGrants",
            "where p.id = :me and p.state = 'ALIVE' and p.renew_seq >= :confirmed",
            "where p.id = :me and p.renew_seq >= :confirmed",
            PostgresStoreTests.class,
            "onlyTheAliveAreGrantedChildren"),
    GRANTS_BY_WHAT_WAS_FORGOTTEN(
            "11b",
            "children/ChildGrants",
            "where p.id = :me and p.state = 'ALIVE' and p.renew_seq >= :confirmed",
            "where p.id = :me and p.state = 'ALIVE'",
            PostgresStoreTests.class,
            "aDatabaseThatHasForgottenARenewalGrantsNothing"),
    TAKES_OVER_WHATEVER_LOCK_THERE_IS(
            "10",
            "children/ChildGrants",
            "where p.id = :lost and p.lock_key = :lockKey::bigint and p.server_ident = :lockedOn::text",
            "where p.id = :lost and p.server_ident = :lockedOn::text",
            SessionLockTests.class,
            "rule10NothingMovesOnceTheOwnerShowsAnotherLockOrServer"),
    TAKES_OVER_WHATEVER_SERVER_IT_IS(
            "10",
            "children/ChildGrants",
            "where p.id = :lost and p.lock_key = :lockKey::bigint and p.server_ident = :lockedOn::text",
            "where p.id = :lost and p.lock_key = :lockKey::bigint",
            SessionLockTests.class,
            "rule10NothingMovesOnceTheOwnerShowsAnotherLockOrServer"),
    HANDS_OVER_WHAT_WAS_FORGOTTEN(
            "11b",
            "children/ChildGrants",
            "where p.id = :confirmedBy::uuid and p.id = e.owner and p.renew_seq < :confirmed::bigint",
            "where p.id = :confirmedBy::uuid and p.id = e.owner and p.renew_seq < 0",
            PostgresStoreTests.class,
            "aDatabaseThatHasForgottenARenewalHandsNothingOver"),
    HANDS_OVER_TO_WHOEVER_LEAVES(
            "9",
            "children/ChildGrants",
            "where p.id = :target::uuid and p.state = 'ALIVE' and not p.cordoned and not p.leaving",
            "where p.id = :target::uuid and p.state = 'ALIVE' and not p.cordoned",
            PostgresStoreTests.class,
            "whatIsHandedToAMemberThatTakesNoChildrenHasNoOwner"),
    HANDS_OVER_TO_THE_DEAD(
            "9",
            "children/ChildGrants",
            "where p.id = :target::uuid and p.state = 'ALIVE' and not p.cordoned and not p.leaving",
            "where p.id = :target::uuid and not p.cordoned and not p.leaving",
            PostgresStoreTests.class,
            "whatIsHandedToAMemberThatTakesNoChildrenHasNoOwner"),
    HANDS_OVER_UNDER_THE_SAME_TOKEN(
            "8",
            "children/ChildGrants",
            "set owner = heir.id, fencing_token = NEXT_TOKEN,",
            "set owner = heir.id,",
            PostgresStoreTests.class,
            "aReleaseBurnsTheTokenAndEndsTheWishToMove"),
    GRANTS_UNDER_THE_SAME_TOKEN(
            "7",
            "children/ChildGrants",
            "set owner = :me, fencing_token = NEXT_TOKEN,",
            "set owner = :me,",
            PostgresStoreTests.class,
            "anOrphanIsGrantedUnderAGreaterToken"),
    GRANTS_BELOW_WHAT_THE_PEER_HEARD_OF(
            "11b",
            "children/ChildGrants",
            "+ \") + 1, \" + Sequences.FRESH_TOKEN + \")\"",
            "+ \") * 0, \" + Sequences.FRESH_TOKEN + \")\"",
            FencingTokenTests.class,
            "aGrantExceedsWhatThePeerHasHeardOf"),
    GRANTS_BELOW_THE_CLOCK(
            "11b",
            "children/Sequences",
            "else 0::bigint end, CLOCK)",
            "else 0::bigint end)",
            FencingTokenTests.class,
            "aGrantThatTheDatabaseForgotIsNotRepeated"),
    GRANTS_BELOW_ROWS_THAT_ARE_GONE(
            "11b",
            "children/Sequences",
            "case when LAST < cast(:token as bigint) and MAY_RAISE",
            "case when false and LAST < cast(:token as bigint) and MAY_RAISE",
            FencingTokenTests.class,
            "aChildThatIsCreatedAgainGoesOnAboveItsOldTokensThoughTheClockWasSetBack"),
    QUARANTINES_WHAT_RUNS_NO_MORE(
            "5",
            "children/ChildGrants",
            "where AS_EXPECTED and c.phase in ('STARTING', 'RUNNING')",
            "where AS_EXPECTED",
            PostgresStoreTests.class,
            "aQuarantinedOrphanStaysOneUntilACommandReleasesIt"),
    REPORTS_ON_ANOTHER_RUN(
            "7",
            PostgresStoreTests.class,
            "aReportOfAnotherRunChangesNothing",
            in("children/ChildReports", "on r.id = c.id and r.token = c.fencing_token", "on r.id = c.id"),
            in(
                    "children/ChildReports",
                    "and c.owner is not distinct from :me and c.fencing_token = r.token",
                    "and c.owner is not distinct from :me")),
    REPORTS_ON_ANOTHERS_CHILD(
            "7",
            PostgresStoreTests.class,
            "aReportOfAnotherRunChangesNothing",
            in(
                    "children/ChildReports",
                    "and c.id = any (:ids) and c.owner is not distinct from :me order by",
                    "and c.id = any (:ids) order by"),
            in(
                    "children/ChildReports",
                    "and c.owner is not distinct from :me and c.fencing_token = r.token",
                    "and c.fencing_token = r.token")),
    TAKES_AN_ANSWER_BACK(
            "12",
            "children/ChildReports",
            "answered = greatest(c.answered, r.answers)",
            "answered = coalesce(r.answers, c.answered)",
            PostgresStoreTests.class,
            "anAnswerIsNeverTakenBack"),
    UNDOES_A_LATER_COMMAND(
            "12",
            "children/ChildReports",
            "case when c.revision = coalesce(r.answers, c.revision) then coalesce(r.desired, c.desired)",
            "case when true then coalesce(r.desired, c.desired)",
            PostgresStoreTests.class,
            "anAnswerToAnOlderCommandDoesNotUndoALaterOne"),
    ANSWERS_WITH_THE_ROW_BEFORE_THE_REPORT(
            "12",
            "children/ChildReports",
            "\"returning c.*) \" + ChildRowMapper.selectWritten()",
            "\"returning c.*) \" + ChildRowMapper.selectWritten().replace(\"from written c\","
                    + " \"from written join mirrored_supervisor.child c using (group_name, id)\")",
            PostgresStoreTests.class,
            "theAwaitedRowsComeBackAsTheReportsHaveLeftThem"),
    STARTS_IN_A_TERMINATED_GROUP(
            "12",
            "children/ChildCommands",
            "and not exists ( select from mirrored_supervisor.supervision_group g where g.name = :group and g.state = 'TERMINATED')",
            "",
            PostgresStoreTests.class,
            "nothingIsInsertedIntoATerminatedGroup"),
    COMMANDS_ANY_REVISION(
            "12",
            "children/ChildCommands",
            "where group_name = :group and id = :id and revision = :revision returning *",
            "where group_name = :group and id = :id returning *",
            PostgresStoreTests.class,
            "aCommandNeedsTheRevisionItWasDecidedOn"),
    MOVES_ANY_REVISION(
            "12",
            "children/ChildCommands",
            "set move_to = :target::uuid where group_name = :group and id = :id and revision = :revision",
            "set move_to = :target::uuid where group_name = :group and id = :id",
            PostgresStoreTests.class,
            "aWishToMoveLeavesTheRevision"),
    DELETES_ANY_REVISION(
            "12",
            "children/ChildCommands",
            "where group_name = :group and id = :id and revision = :revision and owner is not distinct from :owner::uuid and fencing_token = :token and (phase",
            "where group_name = :group and id = :id and owner is not distinct from :owner::uuid and fencing_token = :token and (phase",
            PostgresStoreTests.class,
            "onlyWhatDoesNotRunIsDeleted"),
    DELETES_ANY_TOKEN(
            "11b",
            "children/ChildCommands",
            "and owner is not distinct from :owner::uuid and fencing_token = :token and (phase",
            "and owner is not distinct from :owner::uuid and (phase",
            PostgresStoreTests.class,
            "onlyWhatDoesNotRunIsDeleted"),
    DELETES_WHAT_RUNS(
            "12",
            "children/ChildCommands",
            "and (phase in ('STOPPED', 'COMPLETED', 'QUARANTINED') or (phase = 'STUCK' and desired = 'STOPPED' and answered >= revision))",
            "",
            PostgresStoreTests.class,
            "onlyWhatDoesNotRunIsDeleted"),
    DELETES_AN_ADOPTED_ORPHAN(
            "5",
            "children/ChildCommands",
            "and owner is not distinct from :owner::uuid and fencing_token = :token returning",
            "returning",
            PostgresStoreTests.class,
            "anOrphanIsDeletedOnlyAsItWasRead"),
    BEGINS_A_GROUP_ANEW_BESIDE_OTHERS(
            "12",
            "children/ChildCommands",
            "where m.group_name = :group and p.state = 'ALIVE' and p.id <> :but)",
            "where false and m.group_name = :group and p.state = 'ALIVE' and p.id <> :but)",
            FoundingTests.class,
            "whatSomebodyStartedWhoJoinedMeanwhileIsNotDeleted"),
    FENCES_EARLIER_TOKENS_TOO(
            "11",
            "children/ChildFence",
            "and fencing_token operator(pg_catalog.=) ? for share",
            "and fencing_token operator(pg_catalog.>=) ? for share",
            FencedTransactionTests.class,
            "p2ARunIsStaleToTheNextOneOfTheSamePeer"),
    FENCES_WITHOUT_A_LOCK(
            "11",
            "children/ChildFence",
            "and fencing_token operator(pg_catalog.=) ? for share",
            "and fencing_token operator(pg_catalog.=) ?",
            FenceInterleavingTests.class,
            "p2NoWriteIsAcceptedOnceALaterTokenIsGranted"),
    RENEWS_WITHOUT_THE_DISK(
            "2",
            "connection/SessionSetup",
            "settings.put(\"synchronous_commit\", \"on\");",
            "",
            ConnectionTests.class,
            "theCommitOfARenewalWaitsForTheDiskWhateverTheDefaultOfTheRole"),
    TERMINATES_TWICE(
            "12",
            "membership/GroupTable",
            "where name = :name and state = 'ACTIVE'",
            "where name = :name",
            PostgresStoreTests.class,
            "aGroupIsTerminatedAndRevivedOnce"),
    REVIVES_FROM_ANOTHER_DEATH(
            "12",
            "membership/GroupTable",
            "and state = 'TERMINATED' and changed_at = coalesce(:since::timestamptz, changed_at)",
            "and state = 'TERMINATED'",
            PostgresStoreTests.class,
            "aGroupIsTerminatedAndRevivedOnce");

    private final String rule;
    private final List<Change> changes;
    private final Class<?> test;
    private final String method;

    SqlMutant(String rule, String file, String text, String instead, Class<?> test, String method) {
        this(rule, test, method, in(file, text, instead));
    }

    SqlMutant(String rule, Class<?> test, String method, Change... changes) {
        this.rule = rule;
        this.test = test;
        this.method = method;
        this.changes = List.of(changes);
    }

    private static Change in(String file, String text, String instead) {
        return new Change("internal/postgres/" + file, text, instead);
    }

    String rule() {
        return rule;
    }

    List<Change> changes() {
        return changes;
    }

    Class<?> test() {
        return test;
    }

    String method() {
        return method;
    }
}
