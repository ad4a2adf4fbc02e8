//! Brings the tables of an older program up to date.

use super::{Conn, Engine, OpenFault, Result, query_scalar, set};

/// Each runs once, in order, and is never edited after a release.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_house.sql"),
    include_str!("../../migrations/0002_guards.sql"),
    include_str!("../../migrations/0003_referral.sql"),
    include_str!("../../migrations/0004_dossier.sql"),
    include_str!("../../migrations/0005_files.sql"),
    include_str!("../../migrations/0006_merge.sql"),
    include_str!("../../migrations/0007_outbox.sql"),
    include_str!("../../migrations/0008_kept.sql"),
    include_str!("../../migrations/0009_columns.sql"),
    include_str!("../../migrations/0010_purpose.sql"),
    include_str!("../../migrations/0011_leaving.sql"),
    include_str!("../../migrations/0012_registers.sql"),
    include_str!("../../migrations/0013_apart.sql"),
    include_str!("../../migrations/0014_particulars.sql"),
    include_str!("../../migrations/0015_copies.sql"),
    include_str!("../../migrations/0016_sheets.sql"),
    include_str!("../../migrations/0017_done.sql"),
    include_str!("../../migrations/0018_small.sql"),
    include_str!("../../migrations/0019_marks.sql"),
    include_str!("../../migrations/0020_open.sql"),
    include_str!("../../migrations/0021_answers.sql"),
];

const JOURNAL_GUARDS_SQLITE: &str = "
create trigger journal_no_update before update on journal
begin select raise(abort, 'the journal is only added to'); end;
create trigger journal_no_delete before delete on journal
begin select raise(abort, 'the journal is only added to'); end;
";

const MARK_GUARDS_SQLITE: &str = "
create trigger mark_no_update before update on journal_mark
begin select raise(abort, 'the journal is only added to'); end;
create trigger mark_no_delete before delete on journal_mark
begin select raise(abort, 'the journal is only added to'); end;
";

/// With the function of the journal's own guards.
const MARK_GUARDS_POSTGRES: &str = "
create trigger mark_no_change before update or delete on journal_mark
for each row execute function journal_is_only_added_to();
create trigger mark_no_truncate before truncate on journal_mark
for each statement execute function journal_is_only_added_to();
";

const JOURNAL_GUARDS_POSTGRES: &str = "
create function journal_is_only_added_to() returns trigger language plpgsql as
$body$ begin raise exception 'the journal is only added to'; end $body$;
create trigger journal_no_change before update or delete on journal
for each row execute function journal_is_only_added_to();
create trigger journal_no_truncate before truncate on journal
for each statement execute function journal_is_only_added_to();
";

fn in_dialect(sql: &str, engine: Engine) -> String {
    let (strict, clustered) = match engine {
        Engine::Sqlite => (" strict", " without rowid, strict"),
        Engine::Postgres => ("", ""),
    };
    let (journal, marks) = match engine {
        Engine::Sqlite => (JOURNAL_GUARDS_SQLITE, MARK_GUARDS_SQLITE),
        Engine::Postgres => (JOURNAL_GUARDS_POSTGRES, MARK_GUARDS_POSTGRES),
    };
    sql.replace("{strict}", strict)
        .replace("{clustered}", clustered)
        .replace("{journal_guards}", journal)
        .replace("{mark_guards}", marks)
}

/// Runs what is missing, each migration in one transaction with its number.
pub async fn migrate(conn: &mut Conn, engine: Engine) -> Result<(), OpenFault> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found = schema_version(conn).await;
    if found > known {
        return Err(OpenFault::TooNew { found, known });
    }
    let done = usize::try_from(found).unwrap_or_default();
    for (at, sql) in MIGRATIONS.iter().enumerate().skip(done) {
        // A plain `begin` on SQLite would let another process in between.
        conn.run(match engine {
            Engine::Sqlite => "begin immediate",
            Engine::Postgres => "begin",
        })
        .await?;
        let ran = step(conn, &in_dialect(sql, engine), at + 1).await;
        conn.run(if ran.is_ok() { "commit" } else { "rollback" })
            .await?;
        ran?;
    }
    Ok(())
}

async fn step(conn: &mut Conn, sql: &str, number: usize) -> Result<()> {
    conn.run(sql).await?;
    set(conn, "schema_version", &number.to_string()).await
}

/// 0 for an empty database, in which even the table of settings is missing.
async fn schema_version(conn: &mut Conn) -> i64 {
    let found: Result<String> =
        query_scalar("select value from setting where name = 'schema_version'")
            .fetch_one(conn)
            .await;
    found
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}
