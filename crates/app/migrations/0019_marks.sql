-- What a change made of each thing that it touched: a keyed hash over all its rows, which belongs to
-- the entry of the journal (safety.md D3, decision 0040). Written once, as the entries are.
create table journal_mark (
    school_id text not null,
    -- of the entry
    seq integer not null,
    -- within the entry
    at integer not null,
    kind text not null,
    id text not null,
    mac text not null,
    primary key (school_id, seq, at)
){clustered};

{mark_guards}
