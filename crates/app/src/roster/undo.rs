//! Takes an import back: the exact state of before, or nothing.

use super::before::{Was, current_kin};
use super::commit::{Mover, by_id, move_class, seal_identity};
use super::preview::named;
use super::store::{self, Import};
use crate::cards::store::add_unconfirmed;
use crate::db::{self, Conn};
use crate::ids::ChildId;
use crate::journal::{self, Entry, Kind, Seen};
use crate::web::error::{Failure, Result};
use crate::web::viewer::Viewer;

/// Takes an import back: new children go, changed children are as they were.
pub async fn undo(
    conn: &mut Conn,
    viewer: &Viewer,
    import: &Import,
    operation: &crate::ids::OperationId,
) -> Result<()> {
    let payload = format!("undo {}", import.id);
    match journal::seen(conn, &viewer.actor(), operation, &payload).await? {
        Seen::New => {}
        Seen::Done(_) => return Ok(()),
        Seen::Other => return Err(Failure::OtherContent),
    }
    let age = import
        .committed_at
        .as_deref()
        .and_then(|at| crate::clock::seconds_between(at, &viewer.now.at));
    if import.state == "ready" {
        return Err(Failure::NotAnyMore(
            "这份名单还没有导入，没有可撤回的。".to_owned(),
        ));
    }
    if import.state != "committed" || age.is_none_or(|age| age > 24 * 3600) {
        return Err(Failure::NotAnyMore(
            "这次导入已经撤回，或已经过了24小时，不能撤回了。可以上传一份新的名单来改。".to_owned(),
        ));
    }
    let rows: Vec<(String, String)> = db::query_as(
        "select child_id, before_sealed from roster_import_child
         where school_id = $1 and import_id = $2 and before_sealed <> ''",
    )
    .bind(viewer.school_id.as_str())
    .bind(import.id.as_str())
    .fetch_all(&mut *conn)
    .await?;
    refuse_if_recorded(conn, viewer, import).await?;
    for (child_id, before) in rows {
        restore(conn, viewer, &child_id, &before).await?;
    }
    remove_opened(conn, viewer, import).await?;
    close_classes(conn, viewer, import).await?;
    store::set_state(
        conn,
        viewer,
        &import.id,
        ("undone", import.opened, import.changed),
    )
    .await?;
    journal::record(
        conn,
        &viewer.actor(),
        &Entry {
            operation,
            kind: Kind::RosterUndone,
            subject_kind: "roster_import",
            subject_id: import.id.as_str(),
            payload: &payload,
            result: "",
        },
    )
    .await?;
    Ok(())
}

/// The classes that the import opened, unless somebody uses them by now.
async fn close_classes(conn: &mut Conn, viewer: &Viewer, import: &Import) -> Result<()> {
    let year = rules::calendar::school_year_of(import.brought.day(viewer));
    for (grade, number) in &import.brought.new_classes {
        let (stage, entry_year) = crate::school::store::cohort(i64::from(*grade), year);
        db::query(
            "delete from class where school_id = $1 and stage = $2 and entry_year = $3
                and number = $4
                and not exists (select 1 from membership m
                    where m.school_id = class.school_id and m.class_id = class.id)
                and not exists (select 1 from role_grant g
                    where g.school_id = class.school_id and g.scope_id = class.id)",
        )
        .bind(viewer.school_id.as_str())
        .bind(stage)
        .bind(entry_year)
        .bind(i64::from(*number))
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// A child about whom something was recorded since is not taken away again.
async fn refuse_if_recorded(conn: &mut Conn, viewer: &Viewer, import: &Import) -> Result<()> {
    let at = import.committed_at.as_deref().unwrap_or_default();
    let touched: Vec<String> = db::query_scalar(
        "select c.name from roster_import_child i
         join child c on c.school_id = i.school_id and c.id = i.child_id
         where i.school_id = $1 and i.import_id = $2 and (
            exists (select 1 from card_version v where v.school_id = i.school_id
                and v.child_id = i.child_id and v.made_at > $3
                and v.changed not in ('new', 'roster', 'roster_back'))
            or i.child_id in (select j.subject_id from journal j where j.school_id = $1
                and j.kind in ('home_changed', 'child_moved') and j.subject_kind = 'child' and j.at > $3)
            or exists (select 1 from child_merge g where g.school_id = i.school_id
                and i.child_id in (g.kept, g.merged) and g.made_at > $3)
            or exists (select 1 from dossier_entry d where d.school_id = i.school_id
                and d.child_id = i.child_id and d.written_at > $3)
            or exists (select 1 from dossier_file f where f.school_id = i.school_id
                and f.child_id = i.child_id and f.made_at > $3)
            or exists (select 1 from child_version u where u.school_id = i.school_id
                and u.child_id = i.child_id and u.changed_at > $3)
            or exists (select 1 from roster_import n cross join roster_import_child o
                where n.school_id = i.school_id and n.id <> i.import_id
                    and n.committed_at > $3 and n.state = 'committed'
                    and o.school_id = n.school_id and o.import_id = n.id
                    and o.child_id = i.child_id))
         order by c.name",
    )
    .bind(viewer.school_id.as_str())
    .bind(import.id.as_str())
    .bind(at)
    .fetch_all(&mut *conn)
    .await?;
    if !touched.is_empty() {
        return Err(Failure::NotAnyMore(format!(
            "导入以后，{}的基本情况、班级、联系卡、档案或家里的情况又改过，撤回会丢掉它们，所以没有撤回。请改名单再上传一次。",
            who(&touched, viewer)
        )));
    }
    refuse_if_kept(conn, viewer, import).await
}

/// A child who would go away takes nothing with it that somebody has written.
async fn refuse_if_kept(conn: &mut Conn, viewer: &Viewer, import: &Import) -> Result<()> {
    let recorded: Vec<String> = db::query_scalar(
        "select c.name from roster_import_child i
         join child c on c.school_id = i.school_id and c.id = i.child_id
         where i.school_id = $1 and i.import_id = $2 and i.before_sealed = '' and (
            exists (select 1 from record r where r.school_id = i.school_id
                and r.child_id = i.child_id)
            or exists (select 1 from pairing p where p.school_id = i.school_id
                and p.child_id = i.child_id)
            or exists (select 1 from home_stay h where h.school_id = i.school_id
                and h.child_id = i.child_id)
            or exists (select 1 from child_mark k where k.school_id = i.school_id
                and k.child_id = i.child_id))
         order by c.name",
    )
    .bind(viewer.school_id.as_str())
    .bind(import.id.as_str())
    .fetch_all(conn)
    .await?;
    if !recorded.is_empty() {
        return Err(Failure::NotAnyMore(format!(
            "这次导入的孩子里，{}已经有了记录、结对或别的安排，撤回会丢掉它们，所以没有撤回。请改名单再上传一次。",
            who(&recorded, viewer)
        )));
    }
    Ok(())
}

/// 张小明、李思雨这2个孩子; of many the first three.
fn who(names: &[String], viewer: &Viewer) -> String {
    const NAMED: usize = 3;
    let some: Vec<String> = names
        .iter()
        .take(NAMED)
        .map(|name| named(name, viewer))
        .collect();
    let more = if names.len() > NAMED { "等" } else { "这" };
    format!("{}{more}{}个孩子", some.join("、"), names.len())
}

/// The children whom the import opened, one table after the other and not one child after the other.
/// The log of imports goes last: it says who they are.
async fn remove_opened(conn: &mut Conn, viewer: &Viewer, import: &Import) -> Result<()> {
    macro_rules! of_the_opened {
        ($($table:literal $child:literal)*) => {[$(concat!(
            "delete from ", $table, " where school_id = $1 and ", $child, " in (
                select o.child_id from roster_import_child o
                where o.school_id = $1 and o.import_id = $2 and o.before_sealed = '')"
        )),*]};
    }
    for sql in of_the_opened! {
        "determination" "child_id"
        "care_summary" "child_id"
        "child_version" "child_id"
        "card_copy" "child_id"
        "card_version" "child_id"
        "screening" "child_id"
        "child_event" "child_id"
        "child_mark" "child_id"
        "home_stay" "child_id"
        "parent_state" "child_id"
        "pairing" "child_id"
        "living" "child_id"
        "parent_absence" "child_id"
        "kin" "child_id"
        "membership" "child_id"
        "child_key" "child_id"
        "child" "id"
        "roster_import_child" "child_id"
    } {
        db::query(sql)
            .bind(viewer.school_id.as_str())
            .bind(import.id.as_str())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

async fn restore(conn: &mut Conn, viewer: &Viewer, child_id: &str, before: &str) -> Result<()> {
    let id: ChildId = ChildId::from(child_id.to_owned());
    let key = crate::children::store::key_of(conn, viewer, &id).await?;
    let text = key.open(&format!("roster_import_child/{child_id}"), before)?;
    let was: Was =
        serde_json::from_str(&text).map_err(|error| Failure::Ours(format!("before: {error}")))?;
    db::query(
        "update child set name = $3, sex = $4, born_on = $5, id_state = $6, identity_sealed = $7,
            citizen_id_index = $8, student_no_index = $9, boarding = $10, rural = $11,
            registry_code = $12, version = version + 1
         where school_id = $1 and id = $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .bind(&was.name)
    .bind(&was.sex)
    .bind(&was.born_on)
    .bind(&was.id_state)
    .bind(seal_identity(&key, child_id, &was.identity)?)
    .bind(&was.citizen_id_index)
    .bind(&was.student_no_index)
    .bind(was.boarding)
    .bind(was.rural)
    .bind(&was.registry_code)
    .execute(&mut *conn)
    .await?;
    move_back(conn, viewer, child_id, &was.class_id).await?;
    reopen(conn, viewer, child_id, was).await
}

async fn move_back(conn: &mut Conn, viewer: &Viewer, child_id: &str, class_id: &str) -> Result<()> {
    let now: String = db::query_scalar(
        "select class_id from membership
         where school_id = $1 and child_id = $2 and from_on <= $3
            and (to_on is null or to_on > $3)",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .bind(viewer.today().to_string())
    .fetch_one(&mut *conn)
    .await?;
    if now == class_id {
        return Ok(());
    }
    move_class(conn, viewer, (child_id, class_id), Mover::List).await
}

/// The card of before, and what was known of the home.
async fn reopen(conn: &mut Conn, viewer: &Viewer, child_id: &str, was: Was) -> Result<()> {
    let kin = current_kin(conn, viewer, child_id).await?;
    if kin != was.kin {
        add_unconfirmed(conn, viewer, child_id, "roster_back").await?;
    }
    for id in kin.iter().filter(|id| !was.kin.contains(id)) {
        by_id(
            conn,
            viewer,
            "delete from kin where school_id = $1 and id = $2",
            id,
        )
        .await?;
    }
    for id in &was.kin {
        let sql = "update kin set to_on = null where school_id = $1 and id = $2";
        by_id(conn, viewer, sql, id).await?;
    }
    let home = was.home.ok_or_else(|| {
        Failure::NotAnyMore(
            "这份名单是程序更新以前导入的，不能撤回了。可以上传一份新的名单来改。".to_owned(),
        )
    })?;
    Ok(home.put_back(conn, viewer, child_id).await?)
}
