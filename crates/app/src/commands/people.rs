//! `school`, `user`, `import`.

use super::{Done, open, open_or_make, say, sentence, sql};
use crate::clock::Clock;
use crate::config::{Above, Import, NewSchool, User};
use crate::db;
use crate::ids::{OperationId, SchoolId, StaffId};
use crate::journal::Kind;
use crate::login::password;
use crate::people::forms::{Span, Wanted, needs_class};
use crate::people::store as people;
use crate::roster::mend::mend_sheet;
use crate::roster::pages::{Upload, bring, committed, undone};
use crate::roster::store::Brought;
use crate::school::founding::{Founding, found};
use crate::school::store::{self, NewStaff};
use crate::school::tree::{self, OrgKind};
use crate::web::Viewer;
use crate::web::viewer::{Grant, Scope};
use crate::web::words::class_title;
use crate::{App, vault};
use rules::access::Role;
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// A person as the command line acts for them: the roles that hold today, and nothing more.
pub async fn person(app: &App, username: &str) -> Result<Viewer, String> {
    let now = app.clock.now();
    let mut conn = app.db.read().await.map_err(sql)?;
    let account = crate::login::store::account(&mut conn, username)
        .await
        .map_err(sql)?
        .filter(|account| account.disabled_at.is_none())
        .ok_or_else(|| format!("没有账号{username}，或已经停用。"))?;
    let grants: Vec<(String, String, String)> = db::query_as(
        "select role, scope_kind, scope_id from role_grant
         where school_id = $1 and staff_id = $2 and from_on <= $3
            and (to_on is null or to_on >= $3)",
    )
    .bind(&account.school_id)
    .bind(&account.id)
    .bind(now.today.to_string())
    .fetch_all(&mut conn)
    .await
    .map_err(sql)?;
    let school_name: String = db::query_scalar("select name from org where id = $1")
        .bind(&account.school_id)
        .fetch_one(&mut conn)
        .await
        .map_err(sql)?;
    Ok(Viewer {
        school_key: app.vault.school_key(&account.school_id),
        school_id: account.school_id.into(),
        school_name,
        staff_id: account.id.into(),
        name: account.name,
        grants: grants.into_iter().filter_map(grant).collect(),
        now,
        token_hash: String::new(),
        on_shared_computer: false,
        is_projecting: false,
        device: None,
        look: crate::web::viewer::Look::default(),
    })
}

fn grant((role, kind, id): (String, String, String)) -> Option<Grant> {
    let scope = match kind.as_str() {
        "class" => Scope::Class(id),
        "school" => Scope::School,
        "county" => Scope::County,
        "own" => Scope::Paired,
        _ => return None,
    };
    Some(Grant {
        role: Role::from_code(&role)?,
        scope,
    })
}

pub async fn school(new: NewSchool) -> Done {
    let app = open_or_make(&new.place, Clock::system(), false).await?;
    let mut tx = app.db.write_anywhere().await.map_err(sql)?;
    let founding = Founding {
        name: new.name,
        stage: new.stage,
        term_from: new.term_from,
        term_to: new.term_to,
        packs: new.packs,
        county: new.county,
        township: new.township,
    };
    found(&app, &mut tx, &founding)
        .await
        .map_err(|failure| sentence(&failure))?;
    tx.commit().await.map_err(sql)?;
    say(&format!(
        "建好了：{}。接下来用 nuanchao user add 开账号。",
        founding.name
    ));
    Ok(())
}

pub async fn place(above: Above) -> Done {
    let app = open(&above.place).await?;
    let mut tx = app.db.write_anywhere().await.map_err(sql)?;
    let id = the_school(&mut tx, Some(&above.school)).await?;
    let units = tree::units(&mut tx, &id).await.map_err(sql)?;
    if units.last().is_none_or(|own| own.kind != OrgKind::School) {
        return Err(format!("{}不是学校，没有放到别处。", above.school));
    }
    let named = (above.county.as_deref(), above.township.as_deref());
    crate::school::above::move_to(&mut tx, &id, named)
        .await
        .map_err(|failure| sentence(&failure))?;
    note(
        &app,
        &mut tx,
        &id,
        (Kind::SchoolChanged, "org", id.as_str()),
    )
    .await?;
    tx.commit().await.map_err(sql)?;
    let named = [above.county, above.township, Some(above.school)];
    let path: Vec<String> = named.into_iter().flatten().collect();
    say(&format!("放好了：{}。", path.join(" › ")));
    Ok(())
}

/// What the console did, in the school's journal.
async fn note(
    app: &App,
    tx: &mut crate::db::Conn,
    school_id: &SchoolId,
    of: (Kind, &'static str, &str),
) -> Done {
    crate::school::founding::note(app, tx, school_id, of)
        .await
        .map_err(|failure| sentence(&failure))
}

pub async fn user(user: User) -> Done {
    match user {
        User::Add {
            username,
            name,
            role,
            class,
            school,
            place,
        } => {
            let app = open(&place).await?;
            let role = Role::from_code(&role).ok_or_else(|| {
                let known: Vec<&str> = Role::ALL.iter().map(|role| role.code()).collect();
                format!("没有这个角色。可以写：{}", known.join("、"))
            })?;
            let username = crate::people::forms::username(&username)?;
            add(
                &app,
                (&username, &name),
                (role, class.as_deref()),
                school.as_deref(),
            )
            .await
        }
        User::Close { username, place } => {
            let app = open(&place).await?;
            close(&app, &username).await
        }
    }
}

async fn add(
    app: &App,
    (username, name): (&str, &str),
    (role, class): (Role, Option<&str>),
    school: Option<&str>,
) -> Done {
    let now = app.clock.now();
    let password = vault::spoken_text();
    let hash = password::hash(&password).await;
    let mut tx = app.db.write_anywhere().await.map_err(sql)?;
    let school_id = the_school(&mut tx, school).await?;
    let staff = NewStaff {
        name,
        username: Some(username),
        password_hash: Some(&hash),
    };
    let id = store::hire(&mut tx, &school_id, &staff)
        .await
        .map_err(|error| {
            if crate::db::is_taken(&error) {
                format!("账号{username}已经有人用了，请换一个。")
            } else {
                sql(error)
            }
        })?;
    let wanted = wanted(&mut tx, &school_id, (role, class), now.today).await?;
    people::give(&mut tx, &school_id, &id, &wanted, (now.today, ""))
        .await
        .map_err(|failure| sentence(&failure))?;
    let of = (Kind::AccountMade, "staff", id.as_str());
    note(app, &mut tx, &school_id, of).await?;
    tx.commit().await.map_err(sql)?;
    say(&format!(
        "账号 {username}，密码 {password}（只显示这一次，请本人登录后换掉）"
    ));
    Ok(())
}

/// What a role reaches, as the console says it: a class by its title.
async fn wanted(
    tx: &mut crate::db::Conn,
    school_id: &SchoolId,
    (role, class): (Role, Option<&str>),
    today: jiff::civil::Date,
) -> Result<Wanted, String> {
    if !needs_class(role) {
        return Ok(Wanted {
            role,
            class_id: None,
            span: Span::default(),
        });
    }
    let title = class.ok_or("班主任和任课教师要写--class，例如“五（2）班”。")?;
    let classes = store::classes(tx, school_id, today).await.map_err(sql)?;
    let wanted = crate::web::words::class_as_written(title);
    let class = classes
        .into_iter()
        .find(|one| one.title() == wanted)
        .ok_or_else(|| format!("还没有{title}。先导入名单，班就开好了。"))?;
    Ok(Wanted {
        role,
        class_id: Some(class.id.into()),
        span: Span::default(),
    })
}

/// The school that the console means: the only one, or the one that is named.
async fn the_school(tx: &mut crate::db::Conn, named: Option<&str>) -> Result<SchoolId, String> {
    let schools: Vec<(String, String)> =
        db::query_as("select id, name from org where kind in ('school', 'county') order by name")
            .fetch_all(tx)
            .await
            .map_err(sql)?;
    let names: Vec<&str> = schools.iter().map(|(_, name)| name.as_str()).collect();
    let found: Vec<&(String, String)> = schools
        .iter()
        .filter(|(_, name)| named.is_none_or(|wanted| wanted == name))
        .collect();
    match found.as_slice() {
        [(id, _)] => Ok(SchoolId::from(id.clone())),
        [] if schools.is_empty() => Err("还没有学校。请先用 nuanchao school 建一所。".to_owned()),
        [] => Err(format!("没有这所学校。可以写：{}", names.join("、"))),
        _ => Err(format!(
            "有几所学校，请用--school写明是哪一所：{}",
            names.join("、")
        )),
    }
}

async fn close(app: &App, username: &str) -> Done {
    let now = app.clock.now();
    let mut tx = app.db.write_anywhere().await.map_err(sql)?;
    let account = crate::login::store::account(&mut tx, username)
        .await
        .map_err(sql)?
        .ok_or_else(|| format!("没有账号{username}。"))?;
    let school_id = SchoolId::from(account.school_id);
    let staff_id = StaffId::from(account.id);
    people::close(&mut tx, &school_id, &staff_id, &now.at)
        .await
        .map_err(|failure| sentence(&failure))?;
    let of = (Kind::AccountClosed, "staff", staff_id.as_str());
    note(app, &mut tx, &school_id, of).await?;
    tx.commit().await.map_err(sql)?;
    say(&format!("{username}停用了，马上生效。"));
    Ok(())
}

pub async fn import(import: Import) -> Done {
    let (file, place, username, commit, mend, school_year) = match import {
        Import::Roster {
            file,
            place,
            username,
            commit,
            mend,
            school_year,
        } => (file, place, username, commit, mend, school_year),
        Import::Undo {
            id,
            place,
            username,
        } => return undo(&id, &place, &username).await,
    };
    if let Some(out) = mend.as_ref().filter(|out| out.exists()) {
        return Err(format!(
            "{}已经有了，要改的表不会盖掉它。请换一个名字。",
            out.display()
        ));
    }
    let app = open(&place).await?;
    let viewer = archivist(&app, &username).await?;
    let upload = Upload {
        file: std::fs::read(&file)
            .map_err(|error| format!("文件读不了：{}", super::system(&error)))?,
        pasted: String::new(),
        year: school_year,
    };
    let id = bring(&app, &viewer, upload, &OperationId::new())
        .await
        .map_err(|failure| sentence(&failure))??;
    let brought = {
        let mut conn = app.db.read().await.map_err(sql)?;
        crate::roster::store::one(&mut conn, &viewer, &id)
            .await
            .map_err(|failure| sentence(&failure))?
            .brought
    };
    tell(&brought);
    if let Some(out) = mend {
        write_mend_sheet(&app, &viewer, (&brought, &out)).await?;
    }
    if commit {
        let answers = crate::roster::commit::Answers::new();
        let (opened, changed) = committed(&app, &viewer, &id, &answers, &OperationId::new())
            .await
            .map_err(|failure| sentence(&failure))?;
        say(&format!(
            "导入好了：新建{opened}，更新{changed}。要撤回：nuanchao import undo {id} --as {username}"
        ));
    }
    Ok(())
}

/// Where there is nothing to mend there is no sheet either.
async fn write_mend_sheet(app: &App, viewer: &Viewer, (brought, out): (&Brought, &Path)) -> Done {
    let mut conn = app.db.read().await.map_err(sql)?;
    let day = brought.day(viewer);
    let classes = store::classes(&mut conn, &viewer.school_id, day);
    let classes = classes.await.map_err(sql)?;
    drop(conn);
    let (bytes, count) = mend_sheet(brought, &classes).map_err(|failure| sentence(&failure))?;
    if count == 0 {
        say("没有要改的行，没有写要改的表。");
        return Ok(());
    }
    let written = File::create_new(out).and_then(|mut file| file.write_all(&bytes));
    written.map_err(|error| format!("要改的表写不了：{}", super::system(&error)))?;
    say(&format!("要改的{count}行在{}", out.display()));
    Ok(())
}

/// Each line that has something to say, and the counts.
fn tell(brought: &Brought) {
    use crate::roster::check::Checked;
    use crate::roster::check::Verdict::{Ask, Ready, Refused, Repeated};
    let has_news = |row: &&Checked| !row.why.is_empty() && !row.is_known;
    for row in brought.rows.iter().filter(has_news) {
        say(&format!(
            "第{}行\t{}\t{}",
            row.line,
            row.verdict.zh(),
            row.why.concat()
        ));
    }
    if let Some(year) = brought.goes_by.map(rules::calendar::school_year_of) {
        say(&format!(
            "年级按{}的读。",
            crate::web::words::school_year(year)
        ));
    }
    if let Some(other) = &brought.other_school {
        say(&format!(
            "表里写的学校是“{other}”，和本校不一样。放错文件了吗？"
        ));
    }
    if !brought.unread.is_empty() {
        let others = brought.unread.join("、");
        say(&format!(
            "只读了第一张名单，还有{others}没有读。请把每张另存成一个文件，再一个一个导入。"
        ));
    }
    if !brought.new_classes.is_empty() {
        let opened = brought.new_classes.iter();
        let opened = opened.map(|(grade, number)| class_title((*grade).into(), (*number).into()));
        let opened = opened.collect::<Vec<_>>().join("、");
        say(&format!("表里有本校还没开的班，导入时会开好：{opened}"));
    }
    let unknown = brought.unknown();
    if !unknown.is_empty() {
        say(&format!("没认出来的列，不导入：{}", unknown.join("、")));
    }
    let known = brought
        .rows
        .iter()
        .filter(|row| row.is_known && row.verdict == Ready)
        .count();
    if known > 0 {
        say(&format!("{known}人本校已有，没有要改的"));
    }
    say(&format!(
        "可以导入{}，想问{}，要改{}，重复{}",
        brought.count(Ready),
        brought.count(Ask),
        brought.count(Refused),
        brought.count(Repeated)
    ));
}

/// Somebody who may bring a roster.
async fn archivist(app: &App, username: &str) -> Result<Viewer, String> {
    let viewer = person(app, username).await?;
    if !viewer.ever(rules::access::Act::ImportRoster) {
        return Err(format!(
            "{username}没有导入名单的权限，请用档案管理员的账号。"
        ));
    }
    Ok(viewer)
}

async fn undo(id: &str, place: &crate::config::Place, username: &str) -> Done {
    let app = open(place).await?;
    let viewer = archivist(&app, username).await?;
    let id = id.parse().map_err(|_| "没有这个编号。".to_owned())?;
    undone(&app, &viewer, &id, &OperationId::new())
        .await
        .map_err(|failure| sentence(&failure))?;
    say("撤回了，和导入以前一样。");
    Ok(())
}
