//! The cards that are on paper: who got one, and what it says.

use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::ids::{ChildId, OperationId};
use crate::paper::Purpose;
use crate::web::{Result, Viewer};
use rules::copies::{Copied, Says, is_on_paper, outdated};
use std::collections::{HashMap, HashSet};

/// Writes down that these cards left, as they are now.
pub async fn note(
    tx: &mut Conn,
    viewer: &Viewer,
    release: &OperationId,
    (children, purpose): (&[ChildId], Purpose),
) -> Result<()> {
    for child in children {
        db::query(
            "insert into card_copy (school_id, release_id, child_id, class_id, card_version,
                by_staff, purpose, made_at)
             select m.school_id, $2, m.child_id, m.class_id,
                coalesce((select max(v.version) from card_version v where v.school_id = $1
                    and v.child_id = $3 and v.changed <> 'confirmed'), 0), $4, $5, $6
             from membership m where m.school_id = $1 and m.child_id = $3 and m.from_on <= $7
             order by m.from_on desc limit 1",
        )
        .bind(viewer.school_id.as_str())
        .bind(release.as_str())
        .bind(child.as_str())
        .bind(viewer.staff_id.as_str())
        .bind(purpose.code())
        .bind(&viewer.now.at)
        .bind(viewer.today().to_string())
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// The state of each card: child, and which version says what is known.
async fn states(conn: &mut Conn, viewer: &Viewer, child: &str) -> Result<HashMap<String, i64>> {
    let rows: Vec<(String, i64)> = db::query_as(
        "select child_id, cast(max(version) as bigint) from card_version
         where school_id = $1 and changed <> 'confirmed' and ($2 = '' or child_id = $2)
         group by child_id",
    )
    .bind(viewer.school_id.as_str())
    .bind(child)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().collect())
}

/// Those of the children whose card, as it is now, is on no paper that the school or the family
/// uses.
pub async fn not_on_paper(
    conn: &mut Conn,
    viewer: &Viewer,
    children: &[Child],
) -> Result<HashSet<String>> {
    let rows: Vec<(String, String, i64, String)> = db::query_as(
        "select child_id, class_id, cast(max(card_version) as bigint), purpose from card_copy
         where school_id = $1 group by child_id, class_id, purpose",
    )
    .bind(viewer.school_id.as_str())
    .fetch_all(&mut *conn)
    .await?;
    let mut copies: HashMap<&str, Vec<Says<'_>>> = HashMap::new();
    for (child, class, version, purpose) in &rows {
        if Purpose::from_code(purpose).is_none_or(|purpose| !purpose.is_for_others()) {
            copies.entry(child).or_default().push(Says {
                class,
                version: *version,
            });
        }
    }
    let states = states(conn, viewer, "").await?;
    let is_missing = |child: &&Child| {
        let own = copies.get(child.id.as_str()).map_or(&[][..], Vec::as_slice);
        !is_on_paper(own, now(child, &states))
    };
    let found = children.iter().filter(is_missing);
    Ok(found.map(|child| child.id.to_string()).collect())
}

fn now<'a>(child: &'a Child, states: &HashMap<String, i64>) -> Says<'a> {
    Says {
        class: child.class_id.as_str(),
        version: states.get(child.id.as_str()).copied().unwrap_or_default(),
    }
}

db::row! {
    /// A card that somebody printed.
    pub struct Copy {
        class_id: String,
        card_version: i64,
        by_staff: String,
        pub by_name: String,
        pub purpose: String,
        pub made_at: String,
    }
}

impl Copy {
    fn says(&self) -> Says<'_> {
        Says {
            class: &self.class_id,
            version: self.card_version,
        }
    }

    /// Who gets the next one instead: a family's copy replaces a family's, whoever printed it.
    fn holder(&self) -> String {
        match Purpose::from_code(&self.purpose) {
            Some(Purpose::Family) => self.purpose.clone(),
            _ => format!("{} {}", self.by_staff, self.purpose),
        }
    }
}

/// The copies that say what is no longer so, newest first.
pub async fn old(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<Vec<Copy>> {
    let copies: Vec<Copy> = db::query_as(
        "select c.class_id, c.card_version, c.by_staff, s.name as by_name, c.purpose, c.made_at
         from card_copy c join staff s on s.school_id = c.school_id and s.id = c.by_staff
         where c.school_id = $1 and c.child_id = $2 order by c.made_at desc, c.release_id desc",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .fetch_all(&mut *conn)
    .await?;
    let states = states(conn, viewer, child.id.as_str()).await?;
    let holders: Vec<String> = copies.iter().map(Copy::holder).collect();
    let all: Vec<Copied<'_>> = holders
        .iter()
        .zip(&copies)
        .map(|(holder, copy)| Copied {
            holder,
            says: copy.says(),
        })
        .collect();
    let old = outdated(&all, now(child, &states));
    let mut left: HashSet<String> = old.iter().map(|one| one.holder.to_owned()).collect();
    // Of each holder the first is the newest.
    let found = copies
        .into_iter()
        .filter(|copy| left.remove(&copy.holder()));
    Ok(found.collect())
}
