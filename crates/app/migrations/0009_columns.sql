-- What a school said of columns that were not known by their heads, and the file that was brought,
-- sealed, as long as it may have to be read once more.
create table roster_head (
    school_id text not null references org (id),
    title text not null,
    place text not null,
    primary key (school_id, title)
){strict};
alter table roster_import add column file_sealed text not null default '';
