-- A campus that is used no more: classes of before were at it.
alter table org add column closed_on text;
