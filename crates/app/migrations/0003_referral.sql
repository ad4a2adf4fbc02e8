-- 请心理老师看看: what the counsellor should know. The id is the record's.
create table referral (
    school_id text not null,
    id text not null,
    child_id text not null,
    by_staff text not null,
    why_sealed text not null,
    primary key (school_id, id),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};
create index referral_child on referral (school_id, child_id);
