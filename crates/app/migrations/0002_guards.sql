-- What a stranger tries must not shut out the person herself: a device that has signed in before is
-- counted apart.
create table known_device (
    -- BLAKE3 of the device's cookie
    device_hash text not null,
    school_id text not null,
    staff_id text not null,
    seen_at text not null,
    primary key (school_id, staff_id, device_hash),
    foreign key (school_id, staff_id) references staff (school_id, id)
){strict};

drop table login_failure;
create table login_failure (
    -- BLAKE3 of the name that was tried, with the device when it is known
    name_hash text primary key,
    failed integer not null,
    first_at text not null,
    last_at text not null
){strict};

-- Where a parent works, sealed with the child's key.
alter table parent_absence add column place_sealed text;

create index roster_import_child_child on roster_import_child (school_id, child_id);

-- Rows of the journal are written once and never changed or removed.
{journal_guards}
