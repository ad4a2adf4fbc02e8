-- Two files that somebody looked at and found to be of two children.
create table child_apart (
    school_id text not null references org (id),
    one text not null,
    other text not null,
    by_staff text not null,
    said_at text not null,
    primary key (school_id, one, other)
){strict};
