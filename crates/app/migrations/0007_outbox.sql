-- What a phone wrote without a network, and how its clock stood.
alter table journal add column device_id text;
alter table journal add column device_seq integer;
alter table journal add column claimed_at text;
create index journal_device on journal (school_id, device_id, device_seq) where device_id is not null;

-- Records of a phone that came and could not be taken: sent back to be mended, set aside until a
-- person decides, dropped by its writer.
create table outbox_item (
    school_id text not null references org (id),
    actor_id text not null,
    op_id text not null,
    device_id text not null,
    device_seq integer not null,
    at text not null,
    state text not null,
    reason text not null,
    sealed text not null,
    primary key (school_id, actor_id, op_id)
){strict};
