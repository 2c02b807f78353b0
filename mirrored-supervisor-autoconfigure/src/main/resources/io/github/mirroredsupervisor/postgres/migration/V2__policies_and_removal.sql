-- What happens to a group at its limits, and what ended it.

alter table mirrored_supervisor.supervision_group
    add column auto_shutdown         text not null default 'NEVER',
    add column on_intensity_exceeded text not null default 'TERMINATE_GROUP',
    add column ended_by              text,
    add constraint supervision_group_auto_shutdown_known
        check (auto_shutdown in ('NEVER', 'ANY_SIGNIFICANT', 'ALL_SIGNIFICANT')),
    add constraint supervision_group_on_intensity_exceeded_known
        check (on_intensity_exceeded in ('TERMINATE_GROUP', 'QUARANTINE_CHILD')),
    add constraint supervision_group_ended_by_known
        check (ended_by in ('INTENSITY_EXCEEDED', 'AUTO_SHUTDOWN'));
comment on column mirrored_supervisor.supervision_group.ended_by is 'What terminated the group; null while it is active.';
comment on column mirrored_supervisor.child.failure is
    'Why the last answered command failed, or why the child is quarantined; null if neither.';

-- One command stops a child and removes its row.
alter table mirrored_supervisor.child
    drop constraint child_command_known,
    add constraint child_command_known check (command in ('START', 'RESTART', 'TERMINATE', 'REMOVE', 'DECLARE'));
