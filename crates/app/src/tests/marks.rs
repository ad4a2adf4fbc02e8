//! Somebody with the database changes it past the program: `verify` says what, and the program's own
//! changes leave nothing to say.

use crate::db::{self, watch};
use crate::on_both;
use crate::testing::School;
use std::collections::BTreeSet;

async fn faults(school: &School) -> Vec<String> {
    crate::commands::data_faults(&school.app).await.unwrap().1
}

/// What was changed, and the words that tell of it. Each change stays, so the counts grow.
const CHANGED: &[(&str, &str)] = &[
    (
        "update child set name = '改了' where id = (select min(id) from child)",
        "孩子的资料有1处",
    ),
    (
        "update kin set phone_state = 'dead' where child_id = (select max(id) from child)",
        "孩子的资料有2处",
    ),
    (
        "insert into child_mark (school_id, id, child_id, mark, from_on)
         select school_id, 'new', child_id, 'priority', '2025-09-01' from membership
         where child_id not in (select min(id) from child union select max(id) from child)
         order by child_id limit 1",
        "孩子的资料有3处",
    ),
    (
        "update role_grant set role = 'principal' where role = 'homeroom_teacher'
            and staff_id = (select id from staff where username = 'limei')",
        "老师和担任有1处",
    ),
    (
        "update adoption set to_on = '2025-09-02' where id = (select min(id) from adoption)",
        "约定有1处",
    ),
    (
        "update class set closed_on = '2025-09-02' where id = (select min(id) from class)",
        "学校、学期和班级有1处",
    ),
    (
        "update record set by_role = 'principal' where id = (select min(id) from record)",
        "记录有1处",
    ),
];

async fn what_is_changed_past_the_program_is_found(school: School) {
    assert_eq!(faults(&school).await, Vec::<String>::new());
    let wang = school.sign_in("banzhuren").await;
    for (sql, told) in CHANGED {
        school.outside(sql).await;
        // What the program does meanwhile makes nothing of it good.
        wang.get("/office/journal").await;
        school.sign_in("xiaozhang").await;
        let found = faults(&school).await;
        assert!(
            found.iter().any(|one| one.contains(told)),
            "{sql}: {found:?}"
        );
        assert!(found.iter().all(|one| !one.contains("改了。")));
    }
}

/// The first child, once with one code and then with another.
async fn written_twice(school: &School) {
    for code in ["1", "2"] {
        let mut tx = school.app.db.write_anywhere().await.unwrap();
        db::query("update child set registry_code = $1 where id = (select min(id) from child)")
            .bind(code)
            .execute(&mut tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
}

/// What the program wrote before is not what it wrote last; what it took away stays away.
async fn an_earlier_state_put_back_is_found(school: School) {
    written_twice(&school).await;
    assert_eq!(faults(&school).await, Vec::<String>::new());
    school
        .outside("update child set registry_code = '1' where registry_code = '2' and id = (select min(id) from child)")
        .await;
    let found = faults(&school).await;
    assert!(
        found.iter().any(|one| one.contains("孩子的资料有1处")),
        "{found:?}"
    );
    school
        .outside("delete from pairing; delete from record where id = (select max(id) from record)")
        .await;
    let found = faults(&school).await;
    assert!(
        found.iter().any(|one| one.contains("记录有1处")),
        "{found:?}"
    );
}

/// The chain alone can be made anew by anybody; an old mark beside the old row does not fit a later
/// entry all the same.
async fn an_old_mark_does_not_fit_a_later_entry(school: School) {
    written_twice(&school).await;
    let mut conn = school.app.db.read().await.unwrap();
    let child: (String, String) =
        db::query_as("select school_id, id from child order by id limit 1")
            .fetch_one(&mut conn)
            .await
            .unwrap();
    let marks: Vec<String> = db::query_scalar(
        "select mac from journal_mark where kind = 'child' and id = $1 order by seq",
    )
    .bind(&child.1)
    .fetch_all(&mut conn)
    .await
    .unwrap();
    let (seq, hash): (i64, String) =
        db::query_as("select seq, hash from journal_head where school_id = $1")
            .bind(&child.0)
            .fetch_one(&mut conn)
            .await
            .unwrap();
    drop(conn);
    let old = &marks[marks.len() - 2];
    let end = crate::journal::chain(&[&hash, "child", &child.1, old]);
    let (school_id, id) = &child;
    school
        .outside(&format!(
            "update child set registry_code = '1' where id = '{id}';
            insert into journal_mark (school_id, seq, at, kind, id, mac)
                values ('{school_id}', {seq}, 9, 'child', '{id}', '{old}');
            update journal_head set hash = '{end}' where school_id = '{school_id}';"
        ))
        .await;
    let found = faults(&school).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("孩子的资料有1处"), "{found:?}");
}

async fn the_marks_are_only_added_to_and_belong_to_the_chain(school: School) {
    for sql in [
        "update journal_mark set mac = 'x'",
        "delete from journal_mark",
    ] {
        let mut tx = school.app.db.write_anywhere().await.unwrap();
        assert!(db::query(sql).execute(&mut tx).await.is_err(), "{sql}");
    }
    let off = match school.app.db.engine() {
        db::Engine::Sqlite => "drop trigger mark_no_delete",
        db::Engine::Postgres => "alter table journal_mark disable trigger mark_no_change",
    };
    school.outside(off).await;
    let found = faults(&school).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found.iter().any(|one| one.contains("那道闸")), "{found:?}");
    school
        .outside("delete from journal_mark where kind = 'staff'")
        .await;
    let found = faults(&school).await;
    assert!(
        found
            .iter()
            .any(|one| one.contains("条对不上") || one.contains("末尾缺了")),
        "{found:?}"
    );
}

/// What the program writes of itself has an entry as well.
async fn no_change_is_without_an_entry(school: School) {
    let count = async || {
        let mut conn = school.app.db.read().await.unwrap();
        let count: i64 = db::query_scalar("select count(*) from journal where kind = 'tidied'")
            .fetch_one(&mut conn)
            .await
            .unwrap();
        count
    };
    let before = count().await;
    let mut tx = school.app.db.write_anywhere().await.unwrap();
    db::query("update child set rural = 1 where id = (select min(id) from child)")
        .execute(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count().await, before + 1);
    assert_eq!(faults(&school).await, Vec::<String>::new());
}

/// Data of a program that kept no marks yet is taken as it stands, once.
async fn what_was_there_before_marks_is_marked_once(school: School) {
    let guards = match school.app.db.engine() {
        db::Engine::Sqlite => {
            "drop trigger mark_no_delete; drop trigger journal_no_delete;
            delete from journal_mark; delete from journal;"
        }
        db::Engine::Postgres => {
            "alter table journal_mark disable trigger user; alter table journal disable trigger user;
            delete from journal_mark; delete from journal;
            alter table journal_mark enable trigger user; alter table journal enable trigger user;"
        }
    };
    let rest =
        "update journal_head set seq = 0, hash = ''; delete from setting where name = 'marked';";
    school.outside(&format!("{guards}{rest}")).await;
    let differ = async || {
        let found = faults(&school).await;
        found.iter().any(|one| one.contains("孩子的资料"))
    };
    assert!(differ().await);
    crate::marks::catch_up(&school.app).await.unwrap();
    assert!(!differ().await);
    school
        .outside("update child set name = '改了'; delete from setting where name = 'marked'")
        .await;
    crate::marks::catch_up(&school.app).await.unwrap();
    assert!(differ().await, "marks that are there are not made again");
}

on_both! {
    what_is_changed_past_the_program_is_found
    an_earlier_state_put_back_is_found
    the_marks_are_only_added_to_and_belong_to_the_chain
    an_old_mark_does_not_fit_a_later_entry
    no_change_is_without_an_entry
    what_was_there_before_marks_is_marked_once
}

/// A column that nobody thought of would be open to whoever has the file.
#[tokio::test]
async fn every_column_is_watched_or_left_out_for_a_reason() {
    let school = School::sqlite().await;
    let mut conn = school.app.db.read().await.unwrap();
    let columns: Vec<(String, String)> = db::query_as(
        "select m.name, c.name from sqlite_schema m join pragma_table_info(m.name) c
         where m.type = 'table' and m.name not like 'sqlite_%' order by 1, 2",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    let watched: BTreeSet<(String, String)> = watch::columns().collect();
    let left: Vec<String> = columns
        .into_iter()
        .filter(|one| !watched.contains(one))
        .filter(|(table, _)| !watch::UNWATCHED.iter().any(|(name, _)| name == table))
        .map(|(table, column)| format!("{table}.{column}"))
        .collect();
    assert_eq!(
        left,
        [
            "dossier_file.bytes_sealed",
            "dossier_file.small_sealed",
            "roster_import.file_sealed",
            "roster_import.rows_sealed",
        ]
    );
}
