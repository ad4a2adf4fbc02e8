//! What a field of a file may be chosen from that no pack can say: the child's own photographs and
//! scans, the children it is with, and what a register says already.

use super::files::filed_names;
use super::store::EntryRow;
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::Conn;
use crate::packs::{Entry, Field, FieldKind, Form, Suggest, Tier};
use crate::records::forms::Filled;
use crate::records::said::value_of;
use crate::registers;
use crate::vault::Key;
use crate::web::{Result, Viewer};
use rules::access::Act;
use rules::identity::is_same_mark;
use serde_json::Value;

fn entry(code: String, title: String) -> Entry {
    Entry {
        code,
        title,
        formal_title: None,
        retired: false,
        apart: false,
    }
}

async fn own_files(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    kind: FieldKind,
) -> Result<Vec<Entry>> {
    if !child.allows(viewer, Act::ReadIdentity) {
        return Ok(Vec::new());
    }
    let all = filed_names(conn, viewer, (child, key)).await?;
    let fitting = all.into_iter();
    Ok(fitting
        .filter(|one| kind == FieldKind::Scan || one.is_picture)
        .map(|one| entry(one.id, one.title))
        .collect())
}

/// The others of the same class, and brothers and sisters in other classes, whom the viewer sees.
async fn companions(
    app: &App,
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
) -> Result<Vec<Entry>> {
    let all = children::all_visible(app, conn, viewer, Act::SeeChild).await?;
    let home = children::of_same_home(conn, viewer, &child.id).await?;
    let others = all.iter().filter(|other| other.id != child.id);
    let (same, elsewhere): (Vec<&Child>, Vec<&Child>) =
        others.partition(|other| other.class_id == child.class_id);
    let same = same.into_iter().map(|other| (other, other.name.clone()));
    let of_home = elsewhere
        .into_iter()
        .filter(|other| home.contains(&other.id));
    let named = |other: &Child| format!("{}，{}", other.name, other.class_title());
    let of_home = of_home.map(|other| (other, named(other)));
    let all = same.chain(of_home);
    Ok(all
        .map(|(other, title)| entry(other.id.to_string(), title))
        .collect())
}

/// More than one looks through is no help.
const MOST_SUGGESTED: usize = 12;

/// Whether an entry is about the same as the form that names it.
fn fits(one: &EntryRow, suggest: &Suggest, own: Option<&Filled>) -> bool {
    let (Some((its, mine)), Some(own)) = (&suggest.same, own) else {
        return true;
    };
    own.get(mine).is_none() || one.filled.get(its) == own.get(mine)
}

/// What the entries are about, in words: several may bear one name.
fn what_for<'e>(
    form: &Form,
    suggest: &Suggest,
    entries: impl Iterator<Item = &'e EntryRow>,
) -> Vec<String> {
    let field = suggest.same.as_ref().and_then(|(its, _)| form.field(its));
    let Some(field) = field else {
        return Vec::new();
    };
    let mut words: Vec<String> = entries
        .filter_map(|one| one.filled.get(&field.id))
        .map(|value| value_of(field, value))
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// What stands in the field of a register, the newest first. What a register guards is not offered.
async fn said_there(
    conn: &mut Conn,
    viewer: &Viewer,
    (in_force, suggest): (&InForce, &Suggest),
    own: Option<&Filled>,
) -> Result<Vec<Entry>> {
    let form = in_force.form(&suggest.form);
    let field = form.and_then(|form| {
        form.field(&suggest.field)
            .map(|field| form.tier.max(field.tier))
    });
    if field.is_none_or(|tier| tier > Tier::C1) {
        return Ok(Vec::new());
    }
    let entries = registers::store::entries(conn, viewer, &suggest.form).await?;
    let mut found: Vec<Entry> = Vec::new();
    for one in entries.iter().rev().filter(|one| fits(one, suggest, own)) {
        let said = one.filled.get(&suggest.field).and_then(Value::as_str);
        let Some(said) = said.filter(|said| found.iter().all(|own| own.code != *said)) else {
            continue;
        };
        let alike = entries
            .iter()
            .filter(|other| other.filled.get(&suggest.field).and_then(Value::as_str) == Some(said));
        let of = form.map_or_else(Vec::new, |form| what_for(form, suggest, alike));
        let title = match of.as_slice() {
            [] => said.to_owned(),
            of => format!("{said}（{}）", of.join("、")),
        };
        found.push(entry(said.to_owned(), title));
    }
    if !suggest.only {
        found.truncate(MOST_SUGGESTED);
    }
    Ok(found)
}

/// What the entry must be about is another matter now.
fn other_matter(suggest: &Suggest, was: &Filled, now: &Filled) -> bool {
    let mut own = suggest.same.iter().map(|(_, mine)| mine);
    own.any(|mine| was.get(mine) != now.get(mine))
}

/// The fields that now say what the register does not, of those that may say nothing else.
pub async fn unknown<'f>(
    conn: &mut Conn,
    viewer: &Viewer,
    in_force: &InForce,
    (form, was, filled): (&'f Form, Option<&Filled>, &Filled),
) -> Result<Vec<(&'f Field, String)>> {
    let mut found = Vec::new();
    for field in &form.fields {
        let Some(suggest) = field.suggest.as_ref().filter(|suggest| suggest.only) else {
            continue;
        };
        let before = was.and_then(|was| was.get(&field.id));
        let new = filled.get(&field.id);
        let is_same = before == new && !was.is_some_and(|was| other_matter(suggest, was, filled));
        let new = new.filter(|_| !is_same);
        let Some(said) = new.and_then(Value::as_str) else {
            continue;
        };
        let asked = (in_force, suggest);
        let own = Some(filled);
        let known = said_there(conn, viewer, asked, own).await?;
        if known.iter().all(|one| !is_same_mark(&one.code, said)) {
            let register = in_force.form(&suggest.form);
            let register = register.map_or("", |form| form.title.as_str());
            found.push((field, not_there(said, register, &known)));
        }
    }
    Ok(found)
}

fn not_there(said: &str, register: &str, known: &[Entry]) -> String {
    if known.is_empty() {
        return format!(
            "学校的“{register}”里还没有说这件事的，这里先空着；请管档案的老师先写好，再回来选。"
        );
    }
    let all: Vec<&str> = known.iter().map(|one| one.title.as_str()).collect();
    format!(
        "学校的“{register}”里没有“{said}”，有的是：{}。",
        all.join("、")
    )
}

/// Fills in what there is to choose from.
pub async fn offer(
    app: &App,
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    form: &mut Form,
) -> Result<()> {
    for field in &mut form.fields {
        match field.kind {
            FieldKind::Photo | FieldKind::Scan => {
                field.options = own_files(conn, viewer, (child, key), field.kind).await?;
            }
            FieldKind::Children => {
                field.options = companions(app, conn, viewer, child).await?;
            }
            FieldKind::Text => {
                if let Some(suggest) = &field.suggest {
                    let in_force = in_force(app, conn, &viewer.school_id, viewer.today()).await?;
                    let asked = (&*in_force, suggest);
                    field.options = said_there(conn, viewer, asked, None).await?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}
