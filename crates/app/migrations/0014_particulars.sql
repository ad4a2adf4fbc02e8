-- What a child's own row said before somebody changed it by hand: name, birth date, numbers, address.
create table child_version (
    school_id text not null,
    child_id text not null,
    -- the child's version that it was
    version integer not null,
    was_sealed text not null,
    changed_by text not null,
    changed_at text not null,
    primary key (school_id, child_id, version),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};
