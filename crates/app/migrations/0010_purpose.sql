-- What a sheet or a file was wanted for, with each release.
alter table release add column purpose text not null default '';
