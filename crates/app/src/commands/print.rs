//! `print`, and `pack forms`.

use super::people::person;
use super::{Done, open, say, sentence, sql};
use crate::App;
use crate::adoptions::store::in_force;
use crate::config::{Place, Print};
use crate::db;
use crate::packs::Form;
use crate::packs::shipped::{pack, shipped};
use crate::paper::collect::Whom;
use crate::paper::release::{Asked, make};
use crate::paper::sheets::Filling;
use crate::paper::{CARD, CARD_SHEET, Output, Purpose};
use crate::web::viewer::{Grant, Scope};
use crate::web::{Viewer, words};
use rules::access::Role;
use std::path::{Path, PathBuf};

/// Who stands behind a print from the console when nobody is named: whoever keeps the files there.
async fn keeper(app: &App, whom: &Whom) -> Result<Viewer, String> {
    let school: Option<String> = match whom {
        Whom::One(child) => {
            let mut conn = app.db.read().await.map_err(sql)?;
            db::query_scalar("select school_id from child where id = $1")
                .bind(child.as_str())
                .fetch_optional(&mut conn)
                .await
                .map_err(sql)?
        }
        Whom::Some(_) | Whom::Class(_) | Whom::All => None,
    };
    let mut conn = app.db.read().await.map_err(sql)?;
    let username: Option<String> = db::query_scalar(
        "select t.username from role_grant g
         join staff t on t.school_id = g.school_id and t.id = g.staff_id
         where g.role in ('archivist', 'principal') and g.to_on is null
            and t.username is not null and t.disabled_at is null
            and ($1 = '' or g.school_id = $1)
         order by (select count(*) from child c where c.school_id = g.school_id) desc,
            case g.role when 'archivist' then 0 else 1 end, t.username limit 1",
    )
    .bind(school.unwrap_or_default())
    .fetch_optional(&mut conn)
    .await
    .map_err(sql)?;
    drop(conn);
    let username = username
        .ok_or("没有找到档案管理员或校长的账号。请先开一个，或用--user写明用哪个账号的名义。")?;
    let mut viewer = person(app, &username).await?;
    // Who holds the key at the console holds the files; talks are read as a principal reads them.
    for role in [Role::Archivist, Role::Principal] {
        viewer.grants.push(Grant {
            role,
            scope: Scope::School,
        });
    }
    Ok(viewer)
}

fn whom(print: &Print) -> Result<Whom, String> {
    if let Some(id) = &print.whom.child {
        let id = id.parse();
        return id
            .map(Whom::One)
            .map_err(|_| "孩子的编号不对，在孩子那一页的地址里可以看到。".to_owned());
    }
    Ok(match &print.whom.class {
        Some(class) => Whom::Class(words::class_as_written(class)),
        None => Whom::All,
    })
}

/// A file that is called otherwise than it is opens with nothing.
fn named_as_it_is(out: &Path, output: Output) -> Done {
    let ending = out.extension().and_then(|ending| ending.to_str());
    let others = [Output::Pdf, Output::Docx, Output::Xlsx, Output::Html];
    let other = others.iter().find(|one| Some(one.code()) == ending);
    match other {
        Some(other) if *other != output => Err(format!(
            "--as写的是{}，文件名却是{}。请改成一样的。",
            output.code(),
            out.display()
        )),
        _ => Ok(()),
    }
}

pub async fn print(print: Print) -> Done {
    let output = Output::from_code(&print.output)
        .ok_or_else(|| format!("--as可以写pdf、docx、xlsx、html，没有“{}”。", print.output))?;
    named_as_it_is(&print.out, output)?;
    let asked = Asked {
        whom: whom(&print)?,
        form: print.form.clone(),
        output,
        filling: match (print.blank, print.nameless) {
            (true, _) => Filling::Blank,
            (false, true) => Filling::Nameless,
            (false, false) => Filling::Known,
        },
        purpose: Purpose::from_code(&print.purpose)
            .ok_or_else(|| format!("--purpose没有“{}”这一种，看print --help。", print.purpose))?,
        stands_alone: true,
    };
    let app = open(&print.place).await?;
    let viewer = match &print.user {
        Some(username) => person(&app, username).await?,
        None => keeper(&app, &asked.whom).await?,
    };
    if !viewer.ever(rules::access::Act::PrintCards) {
        return Err("这个账号不能打印，请用班主任、档案管理员或校长的账号。".to_owned());
    }
    let made = make(&app, &viewer, &asked)
        .await
        .map_err(|failure| sentence(&failure))?;
    app.db.close().await;
    std::fs::write(&print.out, &made.bytes)
        .map_err(|error| format!("{}写不了：{}", print.out.display(), super::system(&error)))?;
    say(&format!(
        "{}个孩子，写到{}。",
        made.children.len(),
        print.out.display()
    ));
    Ok(())
}

fn row(form: &Form) {
    say(&format!(
        "{}\t{}\t{}\t{}",
        form.pack,
        form.id,
        form.version,
        form.formal()
    ));
}

fn rows(form: &Form) {
    row(form);
    if form.id == CARD {
        say(&format!(
            "{}\t{CARD_SHEET}\t{}\t{}（一人一页）",
            form.pack,
            form.version,
            form.formal()
        ));
    }
}

/// Every form: pack, id, version, Chinese title; the card also as a sheet of its own.
pub async fn forms(data: Option<PathBuf>) -> Done {
    let Some(data) = data else {
        for (id, _) in shipped() {
            // The day of adoption matters to duties alone.
            let Some(Ok(pack)) = pack(id, jiff::civil::date(2025, 9, 1)) else {
                return Err(format!("自带的约定{id}读不了。"));
            };
            pack.forms
                .iter()
                .filter(|form| !form.extends)
                .for_each(rows);
        }
        return Ok(());
    };
    let place = Place {
        data,
        database_url: None,
        key_file: None,
        checkpoints: None,
        is_local: false,
    };
    let app = open(&place).await?;
    let viewer = keeper(&app, &Whom::All).await?;
    let mut conn = app.db.read().await.map_err(sql)?;
    let held = in_force(&app, &mut conn, &viewer.school_id, viewer.today())
        .await
        .map_err(sql)?;
    held.forms.iter().for_each(rows);
    Ok(())
}
