//! Which rows a change touched, as the engine itself saw it: nobody can forget to say so.
//!
//! Triggers note the thing that a row belongs to; at the end of the transaction the journal keeps a
//! mark of what became of it (decision 0040). On SQLite they live in the writer's own connection, so
//! that what somebody else does to the file notes nothing. PostgreSQL has no triggers of a
//! connection; there a note counts only in the transaction that made it.

use super::{Conn, Engine, Result, query, query_as, query_scalar};
use std::sync::LazyLock;

/// A table whose rows are held against the journal.
pub struct Watched {
    pub table: &'static str,
    /// The sort of thing that its rows belong to.
    pub kind: &'static str,
    /// The column with the school's id.
    school: &'static str,
    /// The column with the thing's id.
    thing: &'static str,
    columns: &'static str,
}

const fn of(
    kind: &'static str,
    table: &'static str,
    thing: &'static str,
    columns: &'static str,
) -> Watched {
    Watched {
        table,
        kind,
        school: "school_id",
        thing,
        columns,
    }
}

/// The first table of a kind has a row for each thing of it. A column that is added later has to be
/// one that may be null: null leaves no trace in a mark.
pub const WATCHED: &[Watched] = &[
    of(
        "child",
        "child",
        "id",
        "name sex born_on id_state identity_sealed citizen_id_index student_no_index boarding rural \
         registry_code in_care_since left_on left_why left_to_sealed version created_at",
    ),
    of("child", "child_key", "child_id", "wrapped"),
    of(
        "child",
        "membership",
        "child_id",
        "id class_id from_on to_on by_hand",
    ),
    of(
        "child",
        "kin",
        "child_id",
        "id party kinship details_sealed phone_index phone_state phone_checked_on born_on \
         free_after position from_on to_on version",
    ),
    of(
        "child",
        "parent_absence",
        "child_id",
        "id parent from_on left_by to_on reach reason source place_sealed ended_by",
    ),
    of(
        "child",
        "home_stay",
        "child_id",
        "id parent from_on to_on ended_by",
    ),
    of(
        "child",
        "parent_state",
        "child_id",
        "id parent state from_on to_on ended_by",
    ),
    of(
        "child",
        "living",
        "child_id",
        "id kind kin_id from_on to_on ended_by",
    ),
    of("child", "child_mark", "child_id", "id mark from_on to_on"),
    of("child", "child_event", "child_id", "id kind happened_on"),
    of(
        "child",
        "screening",
        "child_id",
        "id screened_on source by_staff parent line",
    ),
    of(
        "child",
        "determination",
        "child_id",
        "id pack rule version as_of result why decided_at",
    ),
    of(
        "child",
        "pairing",
        "child_id",
        "id staff_id kind from_on to_on",
    ),
    of("child", "referral", "child_id", "id by_staff why_sealed"),
    of(
        "child",
        "card_version",
        "child_id",
        "version made_at changed by_staff by_role confirmed_on",
    ),
    of(
        "child",
        "child_version",
        "child_id",
        "version was_sealed changed_by changed_at",
    ),
    of(
        "record",
        "record",
        "id",
        "child_id happened_on kind party kin_id by_staff by_role counts_as fields_sealed written_at \
         group_id version withdrawn_at",
    ),
    of(
        "record",
        "record_version",
        "record_id",
        "version child_id happened_on fields_sealed changed_by changed_at",
    ),
    of(
        "dossier_entry",
        "dossier_entry",
        "id",
        "child_id form version fields_sealed shape by_staff written_at withdrawn_at written_on \
         by_role counts_as",
    ),
    of(
        "dossier_entry",
        "dossier_version",
        "entry_id",
        "version fields_sealed shape by_staff written_at written_on by_role counts_as",
    ),
    // What is in a file is sealed to its place and written once.
    of(
        "dossier_file",
        "dossier_file",
        "id",
        "child_id title_sealed media size by_staff made_at withdrawn_at",
    ),
    of(
        "register_entry",
        "register_entry",
        "id",
        "form version fields_sealed shape by_staff written_at withdrawn_at",
    ),
    of(
        "register_entry",
        "register_version",
        "entry_id",
        "version fields_sealed shape by_staff written_at",
    ),
    of(
        "child_merge",
        "child_merge",
        "id",
        "kept merged before_sealed by_staff made_at undone_at",
    ),
    of(
        "release",
        "release",
        "id",
        "template subject count by_staff made_at purpose",
    ),
    of(
        "release",
        "card_copy",
        "release_id",
        "child_id class_id card_version by_staff purpose made_at",
    ),
    of(
        "sheet_back",
        "sheet_back",
        "id",
        "form by_staff put_in_at undone_at",
    ),
    of(
        "sheet_back",
        "sheet_back_line",
        "sheet_id",
        "position entry_id version back_version",
    ),
    // What the file said is sealed, and serves to take the import back.
    of(
        "roster_import",
        "roster_import",
        "id",
        "state content_hash by_staff created_at committed_at opened changed",
    ),
    of(
        "staff",
        "staff",
        "id",
        "name username password_hash auth_epoch disabled_at phone_sealed",
    ),
    of(
        "staff",
        "role_grant",
        "staff_id",
        "id role scope_kind scope_id from_on to_on approved_by",
    ),
    of(
        "staff",
        "leading_group_seat",
        "staff_id",
        "id seat from_on to_on",
    ),
    of(
        "adoption",
        "adoption",
        "id",
        "pack version body from_on to_on adopted_by",
    ),
    Watched {
        table: "org",
        kind: "school",
        school: "id",
        thing: "id",
        columns: "parent_id kind name region_code stage boarding closed_on",
    },
    of(
        "school",
        "term",
        "school_id",
        "id school_year half starts_on ends_on",
    ),
    of("school", "day_exception", "school_id", "day kind name"),
    of(
        "school",
        "class",
        "school_id",
        "id campus_id stage entry_year number closed_on",
    ),
    of("school", "roster_head", "school_id", "title place"),
    of(
        "school",
        "child_apart",
        "school_id",
        "one other by_staff said_at",
    ),
];

/// Tables of which no mark is kept, and why verify can do without.
#[cfg(test)]
pub const UNWATCHED: &[(&str, &str)] = &[
    ("setting", "notes of the program, none of a school's"),
    (
        "login_session",
        "gone with the sign-out; names nobody's data",
    ),
    ("known_device", "counts attempts to sign in"),
    ("login_failure", "counts attempts to sign in"),
    ("care_summary", "counted again from the records"),
    (
        "roster_import_child",
        "sealed; serves to take an import back",
    ),
    (
        "outbox_item",
        "sealed; waits to become a record or to be dropped",
    ),
    ("form_shape", "named by the fingerprint of what it says"),
    ("journal", "the chain itself"),
    ("journal_head", "the end of the chain"),
    ("journal_mark", "the marks themselves"),
];

/// The sort that says that the transaction wrote an entry in the journal of a school.
pub const ENTRY: &str = "journal";

/// So many things are read and marked at once.
pub const AT_ONCE: u16 = 500;

impl Watched {
    /// What a row says, as one text: name, length and value of every column that is not null.
    fn content(&self) -> String {
        let column = |name: &str| {
            let text = format!("cast(x.{name} as text)");
            format!("coalesce('{name}' || length({text}) || ':' || {text}, '')")
        };
        let columns: Vec<String> = self.columns.split(' ').map(column).collect();
        columns.join(" || ")
    }

    fn select(&self, from: &str, condition: &str) -> &'static str {
        let sql = format!(
            "select x.{thing}, {content} from {from} {table} x where x.{school} = $1 and {condition}",
            thing = self.thing,
            content = self.content(),
            table = self.table,
            school = self.school,
            condition = condition.replace("{thing}", self.thing),
        );
        Box::leak(sql.into_boxed_str())
    }

    fn sqlite_triggers(&self) -> String {
        let note = |(when, row): (&str, &str)| {
            sqlite_trigger(
                (&format!("{}_{when}_{row}", self.table), when, self.table),
                &format!(
                    "{row}.{}, '{}', {row}.{}",
                    self.school, self.kind, self.thing
                ),
            )
        };
        let each = [
            ("insert", "new"),
            ("update", "old"),
            ("update", "new"),
            ("delete", "old"),
        ];
        each.map(note).concat()
    }

    fn postgres_triggers(&self) -> String {
        let note = |row: &str| {
            format!(
                "insert into touched_row values (pg_current_xact_id()::text, {row}.{}, '{}',
                    {row}.{}) on conflict do nothing;",
                self.school, self.kind, self.thing
            )
        };
        format!(
            "create or replace function touch_{table}() returns trigger language plpgsql as $body$
             begin
                if tg_op <> 'INSERT' then {old} end if;
                if tg_op <> 'DELETE' then {new} end if;
                return null;
             end $body$;
             create or replace trigger touch_{table} after insert or update or delete on {table}
             for each row execute function touch_{table}();\n",
            table = self.table,
            old = note("old"),
            new = note("new"),
        )
    }
}

/// The condition keeps what is noted already from costing more than the look at it.
fn sqlite_trigger((name, when, table): (&str, &str, &str), values: &str) -> String {
    format!(
        "create temp trigger touch_{name} after {when} on main.{table}
         when not exists (select 1 from touched where (school_id, kind, id) = ({values}))
         begin insert into touched values ({values}); end;\n"
    )
}

/// Every column that a mark says something of, with its table.
#[cfg(test)]
pub fn columns() -> impl Iterator<Item = (String, String)> {
    WATCHED.iter().flat_map(|one| {
        let names = one.columns.split(' ').chain([one.school, one.thing]);
        names.map(|name| (one.table.to_owned(), name.to_owned()))
    })
}

/// The statements that read the rows of one table, made once.
struct Read {
    kind: &'static str,
    touched: &'static str,
    between: &'static str,
    beyond: &'static str,
}

static READS: LazyLock<Vec<Read>> = LazyLock::new(|| {
    let read = |one: &Watched| Read {
        kind: one.kind,
        // A cross join tells SQLite to begin with what was touched, which is little.
        touched: one.select(
            "touched t cross join",
            "t.school_id = $1 and t.kind = $2 and t.id > $3 and t.id <= $4 and x.{thing} = t.id",
        ),
        between: one.select("", "x.{thing} > $2 and x.{thing} <= $3"),
        beyond: one.select("", "x.{thing} > $2"),
    };
    WATCHED.iter().map(read).collect()
});

/// A row of a thing: whose it is, and what it says with the name of its table in front.
pub type Said = (String, String);

/// Every sort of thing, in the order of `WATCHED`.
pub fn kinds() -> Vec<&'static str> {
    let mut kinds: Vec<&'static str> = WATCHED.iter().map(|one| one.kind).collect();
    kinds.dedup();
    kinds
}

/// What the transaction touched: schools and sorts of things. `ENTRY` stands for a journal entry.
pub async fn touched(conn: &mut Conn) -> Result<Vec<(String, String)>> {
    query_as("select distinct school_id, kind from touched order by school_id, kind")
        .fetch_all(conn)
        .await
}

/// The first of these things behind `after`, and their rows as they are now.
pub async fn touched_things(
    conn: &mut Conn,
    (school, kind): (&str, &str),
    after: &str,
) -> Result<(Vec<String>, Vec<Said>)> {
    let ids: Vec<String> = query_scalar(
        "select id from touched where school_id = $1 and kind = $2 and id > $3
         order by id limit $4",
    )
    .bind(school)
    .bind(kind)
    .bind(after)
    .bind(i64::from(AT_ONCE))
    .fetch_all(&mut *conn)
    .await?;
    let Some(last) = ids.last() else {
        return Ok((ids, Vec::new()));
    };
    let mut said = Vec::new();
    for (read, of) in reads(kind) {
        let rows: Vec<Said> = query_as(read.touched)
            .bind(school)
            .bind(kind)
            .bind(after)
            .bind(last)
            .fetch_all(&mut *conn)
            .await?;
        said.extend(named(rows, of.table));
    }
    Ok((ids, said))
}

/// Nothing counts as touched: the rows came with their marks, or the marks are written.
pub async fn forget_touched(conn: &mut Conn) -> Result<()> {
    query("delete from touched").execute(conn).await?;
    Ok(())
}

/// The things of a kind behind `after`, and their rows; among them such as have lost the row that
/// makes them a thing.
pub async fn things(
    conn: &mut Conn,
    school: &str,
    kind: &str,
    after: &str,
) -> Result<(Option<String>, Vec<Said>)> {
    let Some(first) = WATCHED.iter().find(|one| one.kind == kind) else {
        return Ok((None, Vec::new()));
    };
    let last = last_of_page(conn, first, (school, after)).await?;
    let mut said = Vec::new();
    for (read, of) in reads(kind) {
        let rows: Vec<Said> = match &last {
            Some(last) => {
                let rows = query_as(read.between).bind(school).bind(after).bind(last);
                rows.fetch_all(&mut *conn).await?
            }
            None => {
                let rows = query_as(read.beyond).bind(school).bind(after);
                rows.fetch_all(&mut *conn).await?
            }
        };
        said.extend(named(rows, of.table));
    }
    Ok((last, said))
}

/// The id that ends a full page; none: what is left is less than one.
async fn last_of_page(
    conn: &mut Conn,
    first: &Watched,
    (school, after): (&str, &str),
) -> Result<Option<String>> {
    let sql: &'static str = LASTS
        .iter()
        .find(|(table, _)| *table == first.table)
        .map_or("", |(_, sql)| sql);
    query_scalar(sql)
        .bind(school)
        .bind(after)
        .bind(i64::from(AT_ONCE) - 1)
        .fetch_optional(conn)
        .await
}

static LASTS: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let last = |one: &Watched| {
        let sql = format!(
            "select {thing} from {table} where {school} = $1 and {thing} > $2
             order by {thing} limit 1 offset $3",
            thing = one.thing,
            table = one.table,
            school = one.school,
        );
        let sql: &'static str = Box::leak(sql.into_boxed_str());
        (one.table, sql)
    };
    WATCHED.iter().map(last).collect()
});

fn reads(kind: &str) -> impl Iterator<Item = (&'static Read, &'static Watched)> {
    READS
        .iter()
        .zip(WATCHED)
        .filter(move |(read, _)| read.kind == kind)
}

fn named(rows: Vec<Said>, table: &'static str) -> impl Iterator<Item = Said> {
    rows.into_iter()
        .map(move |(thing, said)| (thing, format!("{table} {said}")))
}

/// The writer of an SQLite file notes what it touches, as long as it is open.
pub async fn on_sqlite(writer: &mut Conn) -> Result<()> {
    let mut sql = "create temp table touched (school_id text not null, kind text not null,
        id text not null, primary key (school_id, kind, id)) without rowid, strict;\n"
        .to_owned();
    for one in WATCHED {
        sql.push_str(&one.sqlite_triggers());
    }
    sql.push_str(&sqlite_trigger(
        ("journal", "insert", "journal"),
        &format!("new.school_id, '{ENTRY}', ''"),
    ));
    writer.run(&sql).await
}

/// Puts into a PostgreSQL database what is missing of the triggers.
pub async fn on_postgres(conn: &mut Conn) -> Result<()> {
    if is_watched(conn).await? {
        return Ok(());
    }
    let mut sql = "begin;
        create unlogged table if not exists touched_row (xact text not null, school_id text not null,
            kind text not null, id text not null, primary key (xact, school_id, kind, id));
        create or replace view touched as select school_id, kind, id from touched_row
            where xact = pg_current_xact_id_if_assigned()::text;
        create or replace function touch_journal() returns trigger language plpgsql as $body$
        begin
            insert into touched_row values (pg_current_xact_id()::text, new.school_id, 'journal', '')
                on conflict do nothing;
            return null;
        end $body$;
        create or replace trigger touch_journal after insert on journal
            for each row execute function touch_journal();\n"
        .to_owned();
    for one in WATCHED {
        sql.push_str(&one.postgres_triggers());
    }
    sql.push_str("commit;");
    conn.run(&sql).await
}

/// Whether every table is watched. SQLite's triggers are made when it is opened.
pub async fn is_watched(conn: &mut Conn) -> Result<bool> {
    let found: i64 = query_scalar(
        "select count(*) from pg_trigger t join pg_class c on c.oid = t.tgrelid
         where t.tgname = 'touch_' || c.relname and t.tgenabled <> 'D'
            and c.relnamespace = current_schema()::regnamespace",
    )
    .fetch_one(conn)
    .await?;
    Ok(usize::try_from(found).unwrap_or_default() == WATCHED.len() + 1)
}

/// The engine that must be asked, and the one whose triggers live with the program.
pub async fn watches(conn: &mut Conn, engine: Engine) -> Result<bool> {
    match engine {
        Engine::Sqlite => Ok(true),
        Engine::Postgres => is_watched(conn).await,
    }
}
