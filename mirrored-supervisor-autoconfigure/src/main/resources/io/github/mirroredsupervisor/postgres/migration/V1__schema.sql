-- The schema of the mirrored supervisor. It may be run by hand: it needs PostgreSQL 14 or later and nothing else.

-- For the rest of the session: every function, operator and type below is the built-in one, whatever anybody has
-- created under the same name in a schema of the session's path. Constraints and defaults keep the meaning that
-- they are made with.
set search_path = pg_catalog, pg_temp;

-- "create schema if not exists" asks for the right to create schemas even when there is nothing to create.
do $$
begin
    if pg_catalog.to_regnamespace('mirrored_supervisor') is null then
        create schema mirrored_supervisor;
    end if;
end
$$;

create sequence mirrored_supervisor.join_order;
create sequence mirrored_supervisor.fencing_token;
comment on sequence mirrored_supervisor.fencing_token is
    'The floor of fencing tokens: no row that was deleted had a greater one. New tokens exceed it, and the clock.';
-- Static children have their declared index as their order, so dynamic ones always come after them.
create sequence mirrored_supervisor.start_order start with 1000000;

-- One row per incarnation of a process, updated by every renewal. Nothing that a renewal changes may be indexed, or the
-- updates are no longer heap-only and the table grows.
create table mirrored_supervisor.peer (
    id              uuid        not null,
    state           text        not null default 'ALIVE',
    renew_seq       bigint      not null default 0,
    last_renewed_at timestamptz not null default pg_catalog.clock_timestamp(),
    lease_ms        bigint      not null,
    stop_ms         bigint      not null,
    cordoned        boolean     not null default false,
    leaving         boolean     not null default false,
    join_order      bigint      not null default pg_catalog.nextval('mirrored_supervisor.join_order'),
    joined_at       timestamptz not null default pg_catalog.clock_timestamp(),
    ended_at        timestamptz,
    lock_key        bigint,
    server_ident    text,
    label           text        not null,
    host            text        not null,
    pid             bigint      not null,
    constraint peer_pk primary key (id),
    constraint peer_state_known check (state in ('ALIVE', 'LEFT', 'DEAD')),
    constraint peer_bounds_sensible check (lease_ms between 300 and 86400000 and stop_ms between 0 and lease_ms),
    constraint peer_counts_sensible check (renew_seq between 0 and 4611686018427387903 and join_order between 0 and 4611686018427387903),
    constraint peer_texts_short check (pg_catalog.octet_length(label) <= 1020 and pg_catalog.octet_length(host) <= 1020
        and pg_catalog.octet_length(server_ident) <= 1020)
) with (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0
);
-- For whom a peer watches. A renewal changes neither column.
create index peer_alive on mirrored_supervisor.peer (join_order) where state = 'ALIVE';
create index peer_ended on mirrored_supervisor.peer (id) where state <> 'ALIVE';
comment on table mirrored_supervisor.peer is 'One incarnation of one process. LEFT and DEAD are final.';
comment on column mirrored_supervisor.peer.renew_seq is 'Rises with every renewal; the others time how long it stands still.';
comment on column mirrored_supervisor.peer.last_renewed_at is
    'For people, and for whom a death is blamed on. No rule of safety compares it.';
comment on column mirrored_supervisor.peer.lease_ms is 'How long the others wait after the last change of renew_seq before they declare this peer dead.';
comment on column mirrored_supervisor.peer.lock_key is 'The advisory lock that the process holds, if it takes part in session hints.';
comment on column mirrored_supervisor.peer.server_ident is 'The server that holds the lock.';

create table mirrored_supervisor.supervision_group (
    name                  text        not null,
    state                 text        not null default 'ACTIVE',
    strategy              text        not null,
    intensity             integer     not null,
    period_ms             bigint      not null,
    auto_shutdown         text        not null default 'NEVER',
    on_intensity_exceeded text        not null default 'TERMINATE_GROUP',
    ended_by              text,
    reason                text,
    revision              bigint      not null default 1,
    changed_at            timestamptz not null default pg_catalog.clock_timestamp(),
    constraint supervision_group_pk primary key (name),
    constraint supervision_group_state_known check (state in ('ACTIVE', 'TERMINATED')),
    constraint supervision_group_strategy_known check (strategy in ('ONE_FOR_ONE', 'ONE_FOR_ALL', 'REST_FOR_ONE')),
    constraint supervision_group_intensity_sensible check (intensity >= 0 and period_ms between 0 and 3153600000000),
    constraint supervision_group_revision_sensible check (revision between 0 and 4611686018427387903),
    constraint supervision_group_texts_short check (pg_catalog.octet_length(name) <= 1020 and pg_catalog.octet_length(reason) <= 16000),
    constraint supervision_group_auto_shutdown_known check (auto_shutdown in ('NEVER', 'ANY_SIGNIFICANT', 'ALL_SIGNIFICANT')),
    constraint supervision_group_on_intensity_exceeded_known
        check (on_intensity_exceeded in ('TERMINATE_GROUP', 'QUARANTINE_CHILD')),
    constraint supervision_group_ended_by_known check (ended_by in ('INTENSITY_EXCEEDED', 'AUTO_SHUTDOWN'))
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
comment on table mirrored_supervisor.supervision_group is 'One supervisor, mirrored on all its members.';
comment on column mirrored_supervisor.supervision_group.revision is 'Rises soon after every change that a member has to act on.';
comment on column mirrored_supervisor.supervision_group.ended_by is 'What terminated the group; null while it is active.';
comment on column mirrored_supervisor.supervision_group.reason is 'Why the group is terminated.';
comment on column mirrored_supervisor.supervision_group.changed_at is 'When the state or the flags changed last.';

-- No foreign key to the group: checking one waits for whoever keeps the group's row locked, and joining must not.
create table mirrored_supervisor.member (
    group_name text   not null,
    peer_id    uuid   not null,
    join_order bigint not null,
    types      text[] not null,
    declared   text[] not null default '{}',
    origin     text,
    constraint member_pk primary key (group_name, peer_id),
    constraint member_types_few check (pg_catalog.cardinality(types) <= 10000 and pg_catalog.pg_column_size(types) <= 8000000),
    constraint member_declared_few check (pg_catalog.cardinality(declared) <= 100000 and pg_catalog.pg_column_size(declared) <= 80000000),
    constraint member_is_peer foreign key (peer_id) references mirrored_supervisor.peer (id) on delete cascade
);
create index member_peer on mirrored_supervisor.member (peer_id);
comment on table mirrored_supervisor.member is 'A peer''s part in one group, and the child types it can run there.';
comment on column mirrored_supervisor.member.declared is 'The ids of the children that the member declares in its code.';
comment on column mirrored_supervisor.member.origin is
    'The application, where nobody named the group and the member declares children in it; null otherwise.';

-- The owner refers to no peer by a foreign key: an owner without a row is an orphan's, which the sweep claims. There is
-- none to the group either, for the same reason as above; its members write a missing row of a group again.
create table mirrored_supervisor.child (
    group_name         text        not null,
    id                 text        not null,
    type               text        not null,
    restart            text        not null,
    kind               text        not null,
    spec               jsonb       not null default '{}',
    is_static          boolean     not null default false,
    start_order        bigint      not null default pg_catalog.nextval('mirrored_supervisor.start_order'),
    desired            text        not null default 'RUNNING',
    phase              text        not null default 'ORPHANED',
    since              timestamptz not null default pg_catalog.clock_timestamp(),
    owner              uuid,
    fencing_token      bigint      not null default extract(epoch from pg_catalog.clock_timestamp()) * 1000000,
    move_to            uuid,
    revision           bigint      not null default 1,
    answered           bigint      not null default 1,
    command            text        not null default 'DECLARE',
    failure            text,
    restarts           integer     not null default 0,
    restarts_in_window integer     not null default 0,
    next_retry         timestamptz,
    last_exit_kind     text,
    last_exit_reason   text,
    last_exit_at       timestamptz,
    crashes            integer     not null default 0,
    taken_over_at      timestamptz,
    constraint child_pk primary key (group_name, id),
    constraint child_restart_known check (restart in ('PERMANENT', 'TRANSIENT', 'TEMPORARY')),
    constraint child_kind_known check (kind in ('WORKER', 'SUPERVISOR')),
    constraint child_desired_known check (desired in ('RUNNING', 'STOPPED')),
    constraint child_phase_known check (phase in ('STARTING', 'RUNNING', 'RESTARTING', 'STOPPING', 'STOPPED', 'COMPLETED',
        'ORPHANED', 'UNPLACEABLE', 'QUARANTINED', 'STUCK')),
    constraint child_command_known check (command in ('START', 'RESTART', 'TERMINATE', 'REMOVE', 'DECLARE')),
    constraint child_last_exit_known check (last_exit_kind in ('NORMAL', 'SHUTDOWN', 'RESTART', 'IGNORED', 'CRASH',
        'START_FAILED', 'STOPPED')),
    constraint child_counts_sensible check (crashes >= 0 and restarts >= 0 and restarts_in_window >= 0),
    constraint child_token_sensible check (fencing_token between 0 and 4611686018427387903),
    constraint child_revision_sensible check (revision between 0 and 4611686018427387903 and answered between 0 and 4611686018427387903),
    constraint child_texts_short check (pg_catalog.octet_length(id) <= 1020 and pg_catalog.octet_length(type) <= 1020
        and pg_catalog.octet_length(failure) <= 16000 and pg_catalog.octet_length(last_exit_reason) <= 16000),
    constraint child_spec_short check (pg_catalog.octet_length(spec::text) <= 8000000)
) with (fillfactor = 80);
create index child_owner on mirrored_supervisor.child (owner);
create index child_immediate on mirrored_supervisor.child (owner) where spec ->> 'takeover' = 'IMMEDIATE';
create index child_move_to on mirrored_supervisor.child (move_to) where move_to is not null;
comment on table mirrored_supervisor.child is 'One child of one group: what it is, what is wanted of it, who owns it.';
comment on column mirrored_supervisor.child.spec is 'The parts of the child spec that have no column of their own.';
comment on column mirrored_supervisor.child.start_order is 'Static children by declared index, dynamic ones after them by creation.';
comment on column mirrored_supervisor.child.fencing_token is 'The last token granted; greater than every earlier one of this id, also across delete and create.';
comment on column mirrored_supervisor.child.revision is 'Rises with every command; carried out when answered has reached it.';
comment on column mirrored_supervisor.child.failure is
    'Why the last answered command failed, or why the child is quarantined; null if neither.';
comment on column mirrored_supervisor.child.crashes is
    'How many owners in a row had died soon after its start when it was granted last.';
comment on column mirrored_supervisor.child.taken_over_at is 'When it moved last because a session ended; it does not do so again at once.';
comment on column mirrored_supervisor.child.since is 'When the phase was entered, on the database''s clock.';

-- Without these a declared child that somebody removed could not be told from one whose row was lost.
create table mirrored_supervisor.removed_child (
    group_name text not null,
    id         text not null,
    constraint removed_child_pk primary key (group_name, id)
);
comment on table mirrored_supervisor.removed_child is
    'Declared children that were removed on purpose or, being temporary, have ended, until an instance that declares them joins: for temporary ones, one that finds no other alive.';

create table mirrored_supervisor.history (
    id         bigint generated always as identity,
    at         timestamptz not null default pg_catalog.clock_timestamp(),
    group_name text        not null,
    what       text        not null,
    child_id   text,
    token      bigint,
    from_peer  uuid,
    to_peer    uuid,
    why        text,
    constraint history_pk primary key (id)
);
create index history_group on mirrored_supervisor.history (group_name, id);
create index history_at on mirrored_supervisor.history (at); -- for the purge
comment on table mirrored_supervisor.history is 'Who did what to which child, for people. Kept as long as the retention says.';

-- Spring Integration's lock table, for the election of the coordinator.
create table mirrored_supervisor.int_lock (
    lock_key      char(36)     not null,
    region        varchar(100) not null,
    client_id     char(36),
    created_date  timestamp    not null,
    expired_after timestamp    not null,
    constraint int_lock_pk primary key (lock_key, region)
);
comment on table mirrored_supervisor.int_lock is 'The lock table of Spring Integration''s JDBC lock registry.';
