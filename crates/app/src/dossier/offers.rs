//! What a field of a file may be chosen from that no pack can say: the child's own photographs and
//! scans, the children it is with, and what a register says already.

use super::files::filed_names;
use crate::App;
use crate::adoptions::store::in_force;
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::Conn;
use crate::packs::{Entry, FieldKind, Form, Suggest, Tier};
use crate::registers;
use crate::vault::Key;
use crate::web::{Result, Viewer};
use rules::access::Act;
use serde_json::Value;

fn entry(code: String, title: String) -> Entry {
    Entry {
        code,
        title,
        formal_title: None,
        retired: false,
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

/// What stands in the field of a register, the newest first. What a register guards is not offered.
async fn said_there(
    app: &App,
    conn: &mut Conn,
    viewer: &Viewer,
    suggest: &Suggest,
) -> Result<Vec<Entry>> {
    let in_force = in_force(app, conn, &viewer.school_id, viewer.today()).await?;
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
    for one in entries.iter().rev() {
        let said = one.filled.get(&suggest.field).and_then(Value::as_str);
        let Some(said) = said.filter(|said| found.iter().all(|own| own.code != *said)) else {
            continue;
        };
        found.push(entry(said.to_owned(), said.to_owned()));
    }
    found.truncate(MOST_SUGGESTED);
    Ok(found)
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
                    field.options = said_there(app, conn, viewer, suggest).await?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}
