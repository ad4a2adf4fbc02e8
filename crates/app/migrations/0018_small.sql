-- The same picture for a list or a paper that shows many, made when it is brought; null: the picture
-- is small itself, is a scan, or was brought before small ones were kept.
alter table dossier_file add column small_sealed text;
