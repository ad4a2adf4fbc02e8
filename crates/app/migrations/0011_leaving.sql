-- Why a child left, and where to; the place is sealed with the child's own key.
alter table child add column left_why text not null default '';
alter table child add column left_to_sealed text;
