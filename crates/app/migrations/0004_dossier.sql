-- 一生一档: what was filled in of a form about a child. What is known elsewhere (identity, kin) is
-- never copied here.
create table dossier_entry (
    school_id text not null,
    id text not null,
    child_id text not null,
    form text not null,
    version integer not null,
    fields_sealed text not null,
    -- the form as it was when this was written: readable for ever
    shape text not null,
    by_staff text not null,
    written_at text not null,
    withdrawn_at text,
    primary key (school_id, id),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};
create index dossier_entry_child on dossier_entry (school_id, child_id, form);

create table dossier_version (
    school_id text not null,
    entry_id text not null,
    version integer not null,
    fields_sealed text not null,
    shape text not null,
    by_staff text not null,
    written_at text not null,
    primary key (school_id, entry_id, version),
    foreign key (school_id, entry_id) references dossier_entry (school_id, id)
){strict};

create table form_shape (
    school_id text not null references org (id),
    hash text not null,
    body text not null,
    primary key (school_id, hash)
){strict};
