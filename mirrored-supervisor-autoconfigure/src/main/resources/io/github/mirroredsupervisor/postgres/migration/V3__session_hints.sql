alter table mirrored_supervisor.child add column taken_over_at timestamptz;
create index child_immediate on mirrored_supervisor.child (owner) where spec ->> 'takeover' = 'IMMEDIATE';
comment on column mirrored_supervisor.child.taken_over_at is 'When it moved last because a session ended; it does not do so again at once.';
comment on column mirrored_supervisor.peer.server_ident is 'The server that holds the lock.';
