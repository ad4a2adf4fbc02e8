-- Each contact card that was put on paper: whose, of which class, what it said, and for whom.
create table card_copy (
    school_id text not null,
    release_id text not null,
    child_id text not null,
    class_id text not null,
    -- of card_version; 0 where nothing had been kept yet
    card_version integer not null,
    by_staff text not null,
    purpose text not null,
    made_at text not null,
    primary key (school_id, release_id, child_id),
    foreign key (school_id, child_id) references child (school_id, id)
){strict};
create index card_copy_child on card_copy (school_id, child_id);

-- A class that was printed had the cards of those who were in it on that day.
insert into card_copy (school_id, release_id, child_id, class_id, card_version, by_staff, purpose,
    made_at)
select r.school_id, r.id, m.child_id, m.class_id,
    coalesce((select max(v.version) from card_version v
        where v.school_id = r.school_id and v.child_id = m.child_id and v.changed <> 'confirmed'
            and v.made_at <= r.made_at), 0),
    r.by_staff, r.purpose, r.made_at
from release r
join membership m on m.school_id = r.school_id
    and m.from_on <= substr(r.made_at, 1, 10)
    and (m.to_on is null or m.to_on >= substr(r.made_at, 1, 10))
where (r.template = 'contact_card' and r.subject = m.class_id)
    or (r.template = 'contact_card.pdf' and ',' || r.subject || ',' like '%,' || m.child_id || ',%')
on conflict do nothing;
