-- Two files that were one child: what both were before, so that it can be taken back.
create table child_merge (
    school_id text not null,
    id text not null,
    kept text not null,
    merged text not null,
    before_sealed text not null,
    by_staff text not null,
    made_at text not null,
    undone_at text,
    primary key (school_id, id),
    foreign key (school_id, kept) references child (school_id, id),
    foreign key (school_id, merged) references child (school_id, id)
){strict};
