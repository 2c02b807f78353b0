-- A child that takes its process down is told from those that only ran beside it.

alter table mirrored_supervisor.child
    add column crashes integer not null default 0,
    add constraint child_crashes_not_negative check (crashes >= 0);
comment on column mirrored_supervisor.child.crashes is
    'How many owners in a row had died soon after its start when it was granted last.';
comment on column mirrored_supervisor.peer.last_renewed_at is
    'For people, and for whom a death is blamed on. No rule of safety compares it.';
