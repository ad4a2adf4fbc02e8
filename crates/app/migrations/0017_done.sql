-- What an entry of the file counts as, comma between, as a record does; an older one counts as its form.
alter table dossier_entry add column counts_as text not null default '';
alter table dossier_version add column counts_as text not null default '';
