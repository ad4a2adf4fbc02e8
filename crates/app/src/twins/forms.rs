//! The forms that both files have: chosen field by field, and written down as one new entry. What
//! either file said before stays beside it.

use super::pages::Line;
use crate::adoptions::store::InForce;
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::Conn;
use crate::dossier::sight::Sight;
use crate::dossier::store::{self, Written};
use crate::packs::{Field, Form, FormKind};
use crate::records::forms::{Filled, is_same};
use crate::records::said::read;
use crate::web::{Fields, Result, Viewer};

/// A form that is filled in once for a child, and is filled in twice.
pub struct Both<'a> {
    whole: &'a Form,
    /// As this viewer reads it.
    seen: Form,
    one: Filled,
    other: Filled,
}

async fn last(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, form): (&Child, &Form),
) -> Result<Option<Filled>> {
    let key = children::key(conn, viewer, child).await?;
    let mut entries = store::entries(conn, viewer, child, &key, &form.id).await?;
    Ok(entries.pop().map(|entry| entry.filled))
}

/// Those that this viewer writes of both children; the others stay side by side as they are.
pub async fn both<'a>(
    conn: &mut Conn,
    viewer: &Viewer,
    in_force: &'a InForce,
    (one, other): (&Child, &Child),
) -> Result<Vec<Both<'a>>> {
    let mut found = Vec::new();
    let forms = in_force.forms.iter();
    for whole in forms.filter(|form| form.kind == FormKind::Dossier && !form.many) {
        let seen = |child| {
            let sight = Sight {
                viewer,
                child,
                in_force,
            };
            sight.form(&whole.id).filter(|form| sight.may_write(form))
        };
        let (Some(seen), Some(_)) = (seen(one), seen(other)) else {
            continue;
        };
        let mine = last(conn, viewer, (one, whole)).await?;
        let theirs = last(conn, viewer, (other, whole)).await?;
        if let (Some(one), Some(other)) = (mine, theirs) {
            found.push(Both {
                whole,
                seen,
                one,
                other,
            });
        }
    }
    Ok(found)
}

impl Both<'_> {
    fn name(&self, field: &Field) -> String {
        format!("entry_{}_{}", self.whole.id, field.id)
    }

    /// What is to be chosen, where the two do not say the same.
    pub fn lines(&self) -> Vec<Line> {
        let differs = |field: &&Field| {
            field.from.is_none() && !is_same(self.one.get(&field.id), self.other.get(&field.id))
        };
        let said = |filled: &Filled, field: &Field| {
            let value = filled.get(&field.id);
            value.map(|value| read(field, value)).unwrap_or_default()
        };
        let fields = self.seen.fields.iter().filter(differs);
        let line = |field: &Field| Line {
            id: self.name(field),
            title: format!("{}：{}", self.whole.title, field.title),
            one: said(&self.one, field),
            other: said(&self.other, field),
            prefers_other: !self.one.contains_key(&field.id),
        };
        fields.map(line).collect()
    }

    /// The first file's word, or the other's where it has none or is chosen.
    fn chosen(&self, fields: &Fields) -> Filled {
        let mut all = self.other.clone();
        all.extend(self.one.clone());
        for field in &self.seen.fields {
            let from = match fields.get(&self.name(field)) {
                "one" => &self.one,
                "other" => &self.other,
                _ => continue,
            };
            match from.get(&field.id) {
                Some(value) => all.insert(field.id.clone(), value.clone()),
                None => all.remove(&field.id),
            };
        }
        all
    }

    /// Writes the choice into the file that stays; says the new entry's id.
    pub async fn write(
        &self,
        conn: &mut Conn,
        viewer: &Viewer,
        (kept, fields): (&Child, &Fields),
    ) -> Result<String> {
        let key = children::key(conn, viewer, kept).await?;
        let filled = self.chosen(fields);
        let new = Written {
            whole: self.whole,
            seen: self.whole,
            filled: &filled,
        };
        store::add(conn, viewer, (kept, &key), &new).await
    }
}

/// Takes back what a merge wrote, unless somebody went on writing it.
pub async fn taken_back(conn: &mut Conn, viewer: &Viewer, written: &[String]) -> Result<()> {
    for id in written {
        crate::db::query(
            "update dossier_entry set withdrawn_at = $3
             where school_id = $1 and id = $2 and version = 1 and withdrawn_at is null",
        )
        .bind(viewer.school_id.as_str())
        .bind(id)
        .bind(&viewer.now.at)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
