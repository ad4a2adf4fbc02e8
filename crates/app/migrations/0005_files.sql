-- Photographs and scans of a child's file, sealed under the child's own key.
create table dossier_file (
    school_id text not null,
    id text not null,
    child_id text not null,
    title_sealed text not null,
    -- image/jpeg or application/pdf: nothing else is kept
    media text not null,
    bytes_sealed text not null,
    size integer not null,
    by_staff text not null,
    made_at text not null,
    withdrawn_at text,
    primary key (school_id, id),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};
create index dossier_file_child on dossier_file (school_id, child_id);
