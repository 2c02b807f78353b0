-- As a later version of the library might: each of these statements locks out everybody else.
alter table mirrored_supervisor.child add column of_a_test integer;
alter table mirrored_supervisor.history add column of_a_test integer;
alter table mirrored_supervisor.int_lock add column of_a_test integer;
alter table mirrored_supervisor.member add column of_a_test integer;
alter table mirrored_supervisor.peer add column of_a_test integer;
alter table mirrored_supervisor.supervision_group add column of_a_test integer;
