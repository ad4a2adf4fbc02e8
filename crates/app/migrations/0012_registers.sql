-- Running lists of a school: what stands in them is sealed with the school's key.
create table register_entry (
    school_id text not null references org (id),
    id text not null,
    form text not null,
    version integer not null,
    fields_sealed text not null,
    -- the form as it was when this was written: readable for ever
    shape text not null,
    by_staff text not null,
    written_at text not null,
    withdrawn_at text,
    primary key (school_id, id)
){strict};
create index register_entry_form on register_entry (school_id, form);

create table register_version (
    school_id text not null,
    entry_id text not null,
    version integer not null,
    fields_sealed text not null,
    shape text not null,
    by_staff text not null,
    written_at text not null,
    primary key (school_id, entry_id, version),
    foreign key (school_id, entry_id) references register_entry (school_id, id)
){strict};
