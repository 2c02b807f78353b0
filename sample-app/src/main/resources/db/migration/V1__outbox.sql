create table tenant (
    id       integer primary key,
    last_seq bigint not null default 0
);

create table orders (
    tenant    integer     not null references tenant,
    seq       bigint      not null,
    item      text        not null,
    placed_at timestamptz not null default clock_timestamp(),
    primary key (tenant, seq)
);

create table outbox (
    tenant  integer not null,
    seq     bigint  not null,
    payload text    not null,
    primary key (tenant, seq)
);

-- No unique key on (tenant, seq): what is delivered twice shall be seen, not prevented.
create table delivered (
    position     bigint generated always as identity primary key,
    tenant       integer     not null,
    seq          bigint      not null,
    payload      text        not null,
    token        bigint      not null,
    pid          bigint      not null,
    delivered_at timestamptz not null default clock_timestamp()
);

create index delivered_by_tenant on delivered (tenant, position);
