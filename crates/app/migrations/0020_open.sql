-- A campus that is used no more: classes of before were at it.
alter table org add column closed_on text;

-- Who was asked about: one of the parents alone; null: both.
alter table screening add column parent text;
