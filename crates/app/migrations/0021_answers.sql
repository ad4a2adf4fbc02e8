-- The line of a home that an answer wrote or mended; with the line, told by mistake, goes the answer.
-- `parent` is whom the answer is about: father, mother, or living (with whom the child lives); null in
-- rows of before: both parents.
alter table screening add column line text;
