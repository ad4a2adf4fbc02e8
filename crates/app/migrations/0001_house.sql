-- One dialect for SQLite and PostgreSQL. `{strict}` and `{clustered}` are the two words that db.rs
-- writes differently for the engines. Dates are ISO text, instants UTC ISO text cut to milliseconds,
-- ids UUIDv7 text, JSON text, booleans 0 and 1. A column that ends in _sealed holds base64 of
-- XChaCha20-Poly1305 and is readable only with the key file, which lies outside the database.

create table setting (
    name text primary key,
    value text not null
){strict};

-- county → township → school → campus; a reference table, the same for everybody.
create table org (
    id text primary key,
    parent_id text references org (id),
    kind text not null,
    name text not null,
    region_code text not null,
    -- primary: grades 1–6; junior: 7–9; nine_year: 1–9
    stage text not null,
    boarding integer not null
){strict};

create table term (
    school_id text not null references org (id),
    id text not null,
    school_year integer not null,
    half integer not null,
    starts_on text not null,
    ends_on text not null,
    primary key (school_id, id),
    unique (school_id, school_year, half)
){strict};

-- Days that differ from their weekday, where the school's own calendar differs from the notice of
-- the State Council (which is shipped as data).
create table day_exception (
    school_id text not null references org (id),
    day text not null,
    kind text not null,
    name text not null,
    primary key (school_id, day)
){strict};

create table staff (
    school_id text not null references org (id),
    id text not null,
    name text not null,
    -- null: works here and does not sign in
    username text unique,
    password_hash text,
    -- raised when a person is disabled, moved or loses a role: every login session of before is void
    auth_epoch integer not null,
    disabled_at text,
    phone_sealed text,
    primary key (school_id, id)
){strict};

-- A role within a scope, from a day to a day, approved by somebody.
create table role_grant (
    school_id text not null,
    id text not null,
    staff_id text not null,
    role text not null,
    -- class, school, county, own (paired children)
    scope_kind text not null,
    scope_id text not null,
    from_on text not null,
    to_on text,
    approved_by text,
    primary key (school_id, id),
    foreign key (school_id, staff_id) references staff (school_id, id)
){strict};
create index role_grant_staff on role_grant (school_id, staff_id);

create table leading_group_seat (
    school_id text not null,
    id text not null,
    staff_id text not null,
    seat text not null,
    from_on text not null,
    to_on text,
    primary key (school_id, id),
    foreign key (school_id, staff_id) references staff (school_id, id)
){strict};

create table login_session (
    -- BLAKE3 of the cookie: a stolen database signs nobody in
    token_hash text primary key,
    school_id text not null,
    staff_id text not null,
    auth_epoch integer not null,
    created_at text not null,
    seen_at text not null,
    -- 公用电脑: rests after a quarter of an hour
    shared integer not null,
    foreign key (school_id, staff_id) references staff (school_id, id)
){strict};
create index login_session_staff on login_session (school_id, staff_id);

create table login_failure (
    -- BLAKE3 of the name that was tried
    name_hash text primary key,
    failed integer not null,
    last_at text not null
){strict};

-- A cohort: the grade follows from the entry year and the school year, so promotion moves nobody.
create table class (
    school_id text not null references org (id),
    id text not null,
    campus_id text references org (id),
    stage text not null,
    entry_year integer not null,
    number integer not null,
    closed_on text,
    primary key (school_id, id),
    unique (school_id, stage, entry_year, number)
){strict};

create table child (
    school_id text not null references org (id),
    id text not null,
    name text not null,
    sex text not null,
    born_on text,
    -- has, none (no document yet: a state, not an error), unknown
    id_state text not null,
    -- citizen id, 学籍号, home address, hukou place, remarks
    identity_sealed text not null,
    -- HMAC under the school's key: equality only
    citizen_id_index text,
    student_no_index text,
    boarding integer,
    rural integer,
    -- 0 非留守, 1 单亲留守, 2 双亲留守 of the 学籍 export
    registry_code text,
    in_care_since text not null,
    left_on text,
    version integer not null,
    created_at text not null,
    primary key (school_id, id)
){strict};
create unique index child_citizen_id on child (school_id, citizen_id_index);
create unique index child_student_no on child (school_id, student_no_index);
create index child_name on child (school_id, name);

-- The child's own key, wrapped by the school's: destroying the row shreds what it sealed.
create table child_key (
    school_id text not null,
    child_id text not null,
    wrapped text not null,
    primary key (school_id, child_id),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};

create table membership (
    school_id text not null,
    id text not null,
    child_id text not null,
    class_id text not null,
    from_on text not null,
    to_on text,
    primary key (school_id, id),
    foreign key (school_id, child_id) references child (school_id, id),
    foreign key (school_id, class_id) references class (school_id, id)
){strict};
create index membership_class on membership (school_id, class_id);
create index membership_child on membership (school_id, child_id);

-- The grown-ups around a child, dated: parents, the carer at home, relatives.
create table kin (
    school_id text not null,
    id text not null,
    child_id text not null,
    -- parent, carer, relative, host, other
    party text not null,
    kinship text not null,
    -- name, phone, work place, employer, address, health
    details_sealed text not null,
    phone_index text,
    -- good, held (wrong in the file, asked for), dead, none
    phone_state text not null,
    phone_checked_on text,
    born_on text,
    free_after text,
    position integer not null,
    from_on text,
    to_on text,
    version integer not null,
    primary key (school_id, id),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};
create index kin_child on kin (school_id, child_id);
create index kin_phone on kin (school_id, phone_index);

create table parent_absence (
    school_id text not null,
    id text not null,
    child_id text not null,
    parent text not null,
    from_on text,
    -- the parent had left by this day, where from_on is not known
    left_by text,
    to_on text,
    -- within_township, within_county, beyond_county
    reach text,
    reason text not null,
    source text not null,
    primary key (school_id, id),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};
create index parent_absence_child on parent_absence (school_id, child_id);

create table home_stay (
    school_id text not null,
    id text not null,
    child_id text not null,
    parent text not null,
    from_on text not null,
    to_on text,
    primary key (school_id, id),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};
create index home_stay_child on home_stay (school_id, child_id);

create table parent_state (
    school_id text not null,
    id text not null,
    child_id text not null,
    parent text not null,
    -- incapable, dead, missing, imprisoned
    state text not null,
    from_on text,
    to_on text,
    primary key (school_id, id),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};
create index parent_state_child on parent_state (school_id, child_id);

create table living (
    school_id text not null,
    id text not null,
    child_id text not null,
    kind text not null,
    kin_id text,
    from_on text,
    to_on text,
    primary key (school_id, id),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};
create index living_child on living (school_id, child_id);

-- study_help, priority, individual_plan: dated, never a label on a shared screen.
create table child_mark (
    school_id text not null,
    id text not null,
    child_id text not null,
    mark text not null,
    from_on text not null,
    to_on text,
    primary key (school_id, id),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};
create index child_mark_child on child_mark (school_id, child_id);

create table child_event (
    school_id text not null,
    id text not null,
    child_id text not null,
    kind text not null,
    happened_on text not null,
    primary key (school_id, id),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};
create index child_event_child on child_event (school_id, child_id);

-- 摸底排查: somebody has asked about this child, with a day.
create table screening (
    school_id text not null,
    id text not null,
    child_id text not null,
    screened_on text not null,
    source text not null,
    by_staff text not null,
    primary key (school_id, id),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};
create index screening_child on screening (school_id, child_id);

create table determination (
    school_id text not null,
    id text not null,
    child_id text not null,
    pack text not null,
    rule text not null,
    version text not null,
    as_of text not null,
    -- yes, no, unknown
    result text not null,
    why text not null,
    decided_at text not null,
    primary key (school_id, id),
    unique (school_id, child_id, pack, rule, version, as_of),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};

create table pairing (
    school_id text not null,
    id text not null,
    child_id text not null,
    staff_id text not null,
    kind text not null,
    from_on text not null,
    to_on text,
    primary key (school_id, id),
    foreign key (school_id, child_id) references child (school_id, id),
    foreign key (school_id, staff_id) references staff (school_id, id)
){strict};
create index pairing_staff on pairing (school_id, staff_id);
create index pairing_child on pairing (school_id, child_id);

-- A pack that a unit has adopted, from a day to a day, with the text as it was then.
create table adoption (
    school_id text not null references org (id),
    id text not null,
    pack text not null,
    version text not null,
    body text not null,
    from_on text not null,
    to_on text,
    adopted_by text not null,
    primary key (school_id, id)
){strict};

-- What a grown-up did for a child. Clustered by child: a page reads neighbours.
create table record (
    school_id text not null,
    child_id text not null,
    happened_on text not null,
    id text not null,
    kind text not null,
    party text not null,
    kin_id text,
    by_staff text not null,
    by_role text not null,
    -- the summary kinds it feeds, comma between: "home_visit,home_visit.self_care"; empty: none
    counts_as text not null,
    fields_sealed text not null,
    written_at text not null,
    -- one visit, several siblings; one talk, several children
    group_id text not null,
    version integer not null,
    withdrawn_at text,
    primary key (school_id, child_id, happened_on, id),
    foreign key (school_id, child_id) references child (school_id, id)
){clustered};
create unique index record_id on record (school_id, id);
create index record_staff on record (school_id, by_staff, written_at);
create index record_group on record (school_id, group_id);

-- The text as it was before an amendment.
create table record_version (
    school_id text not null,
    record_id text not null,
    version integer not null,
    child_id text not null,
    happened_on text not null,
    fields_sealed text not null,
    changed_by text not null,
    changed_at text not null,
    primary key (school_id, record_id, version),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};

-- Per child and sort of record, the days that count: changed in the same transaction as the record,
-- rebuilt and proved by `nuanchao verify`. 本周 reads this and never scans the records.
create table care_summary (
    school_id text not null,
    child_id text not null,
    kind text not null,
    party text not null,
    by_role text not null,
    last_on text not null,
    -- JSON list of ISO dates, newest first, at most 120
    dates text not null,
    primary key (school_id, child_id, kind, party, by_role),
    foreign key (school_id, child_id) references child (school_id, id)
){clustered};

create table roster_import (
    school_id text not null references org (id),
    id text not null,
    -- ready, committed, undone
    state text not null,
    content_hash text not null,
    rows_sealed text not null,
    by_staff text not null,
    created_at text not null,
    committed_at text,
    -- new children, changed children
    opened integer not null,
    changed integer not null,
    primary key (school_id, id)
){strict};

create table roster_import_child (
    school_id text not null,
    import_id text not null,
    child_id text not null,
    -- what the child was before, sealed; empty: the import brought the child
    before_sealed text not null,
    primary key (school_id, import_id, child_id),
    foreign key (school_id, import_id) references roster_import (school_id, id)
){strict};

-- 联系卡: each state of the card that a change made, and when somebody confirmed it.
create table card_version (
    school_id text not null,
    child_id text not null,
    version integer not null,
    made_at text not null,
    -- which parts changed, comma between; never the values
    changed text not null,
    by_staff text not null,
    confirmed_on text,
    primary key (school_id, child_id, version),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};

-- Everything that leaves on paper or as a file.
create table release (
    school_id text not null references org (id),
    id text not null,
    template text not null,
    subject text not null,
    count integer not null,
    by_staff text not null,
    made_at text not null,
    primary key (school_id, id)
){strict};

create table journal_head (
    school_id text primary key references org (id),
    seq integer not null,
    hash text not null
){strict};

create table journal (
    school_id text not null,
    seq integer not null,
    -- made by the client, unique for ever: a repeated request gets the first one's answer
    op_id text not null,
    actor_id text not null,
    at text not null,
    kind text not null,
    subject_kind text not null,
    subject_id text not null,
    payload_mac text not null,
    result text not null,
    prev_hash text not null,
    hash text not null,
    primary key (school_id, seq),
    unique (school_id, actor_id, op_id)
){strict};
