-- When and in which capacity a form of the file was filled and a card was asked about: what meets a
-- duty. Empty: from before this was kept, or from a roster.
alter table dossier_entry add column written_on text not null default '';
alter table dossier_entry add column by_role text not null default '';
alter table dossier_version add column written_on text not null default '';
alter table dossier_version add column by_role text not null default '';
alter table card_version add column by_role text not null default '';
