-- The line of a home that an answer wrote or mended; with the line, told by mistake, goes the answer.
-- `parent` is whom the answer is about: father, mother, or living (with whom the child lives); null in
-- rows of before: both parents.
alter table screening add column line text;

-- The answer that ended a line: told by mistake, it ends nothing.
alter table parent_absence add column ended_by text;
alter table home_stay add column ended_by text;
alter table parent_state add column ended_by text;
alter table living add column ended_by text;

-- 1: a person moved the child to this class, and no list of before moves it back.
alter table membership add column by_hand integer;
