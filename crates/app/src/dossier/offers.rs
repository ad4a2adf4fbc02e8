//! What a field of a file may be chosen from that no pack can say: the child's own photographs and
//! scans, and the children it is with.

use super::files::filed_names;
use crate::App;
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::Conn;
use crate::packs::{Entry, FieldKind, Form};
use crate::vault::Key;
use crate::web::{Result, Viewer};
use rules::access::Act;

fn entry(code: String, title: String) -> Entry {
    Entry {
        code,
        title,
        formal_title: None,
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

/// The others of the same class whom the viewer sees.
async fn classmates(
    app: &App,
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
) -> Result<Vec<Entry>> {
    let all = children::all_visible(app, conn, viewer, Act::SeeChild).await?;
    let own = all.iter();
    Ok(own
        .filter(|other| other.class_id == child.class_id && other.id != child.id)
        .map(|other| entry(other.id.to_string(), other.name.clone()))
        .collect())
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
                field.options = classmates(app, conn, viewer, child).await?;
            }
            _ => {}
        }
    }
    Ok(())
}
