-- A sheet that came back filled in, with what it wrote: so that it can be taken back as a whole.
create table sheet_back (
    school_id text not null,
    id text not null,
    form text not null,
    by_staff text not null,
    put_in_at text not null,
    undone_at text,
    primary key (school_id, id)
){strict};
create index sheet_back_form on sheet_back (school_id, by_staff, form, put_in_at);

create table sheet_back_line (
    school_id text not null,
    sheet_id text not null,
    position integer not null,
    -- of dossier_entry, register_entry or record, as the form's kind has it
    entry_id text not null,
    -- the version that this line wrote
    version integer not null,
    -- the version that says again what was there before, once the sheet was taken back
    back_version integer,
    primary key (school_id, sheet_id, position),
    foreign key (school_id, sheet_id) references sheet_back (school_id, id)
){strict};
create index sheet_back_entry on sheet_back_line (school_id, entry_id);

-- Whether somebody has looked through the roll of a school year.
create index journal_reviewed on journal (school_id, subject_id) where kind = 'year_reviewed';
