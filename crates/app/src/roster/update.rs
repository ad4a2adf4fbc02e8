//! A child that the school has: what a sheet says of it goes in, except where it is old news.

use super::again::{Around, around};
use super::before::{Was, current_kin};
use super::check::NewChild;
use super::commit::{Mover, Work, index, move_class, seal_identity};
use super::store;
use crate::children::own::Own;
use crate::children::store::Identity;
use crate::db::{self, Conn};
use crate::home::rows::HomeRows;
use crate::particulars::forms::changes;
use crate::particulars::store::{Made, Particulars, by_hand};
use crate::vault::Key;
use crate::web::error::{Failure, Result};
use crate::web::{Viewer, words};
use jiff::civil::Date;
use rules::again::stands;
use rules::calendar::school_year_of;

db::row! {
    struct WasRow {
        name: String,
        sex: String,
        born_on: Option<String>,
        id_state: String,
        identity_sealed: String,
        citizen_id_index: Option<String>,
        student_no_index: Option<String>,
        boarding: Option<i64>,
        rural: Option<i64>,
        registry_code: Option<String>,
        class_id: String,
        wrapped: String,
        stage: String,
        entry_year: i64,
        number: i64,
    }
}

/// What a sheet would change of a child whom the school has.
pub struct Update {
    was: Was,
    key: Key,
    /// grade and class, until now
    class: (i64, i64),
    /// The class from which a hand moved the child to this one: an old sheet names it still.
    given_up: Option<(i64, i64)>,
    merged: Particulars,
    around: Around,
}

/// What the sheet says replaces what was, and what the sheet does not say stays.
///
/// `day`: by whose grades the sheet names the class.
pub async fn update(
    conn: &mut Conn,
    viewer: &Viewer,
    (child_id, child): (&str, &NewChild),
    day: Date,
) -> Result<Update> {
    let row = was(conn, viewer, child_id).await?;
    let key = viewer.school_key.unwrap_key(child_id, &row.wrapped)?;
    let place = format!("child/{child_id}/identity");
    let identity = serde_json::from_str(&key.open(&place, &row.identity_sealed)?)
        .map_err(|error| Failure::Ours(format!("identity: {error}")))?;
    let year = school_year_of(day);
    let class = (words::grade(&row.stage, row.entry_year, year), row.number);
    let given_up = given_up(conn, viewer, child_id).await?;
    let given_up =
        given_up.map(|(stage, entry, number)| (words::grade(&stage, entry, year), number));
    let was = Was {
        identity,
        kin: current_kin(conn, viewer, child_id).await?,
        home: Some(HomeRows::of(conn, viewer, child_id).await?),
        name: row.name,
        sex: row.sex,
        born_on: row.born_on,
        id_state: row.id_state,
        citizen_id_index: row.citizen_id_index,
        student_no_index: row.student_no_index,
        boarding: row.boarding,
        rural: row.rural,
        registry_code: row.registry_code,
        class_id: row.class_id,
    };
    let once = by_hand(conn, viewer, child_id, &key).await?;
    let merged = merged(&was.clone().into(), child, &once);
    let registry = was.registry_code.as_deref();
    let around = around(conn, viewer, (child_id, &key), (child, registry)).await?;
    Ok(Update {
        was,
        key,
        class,
        given_up,
        merged,
        around,
    })
}

/// The class that the child left on the day on which a hand moved it.
async fn given_up(
    conn: &mut Conn,
    viewer: &Viewer,
    child_id: &str,
) -> Result<Option<(String, i64, i64)>> {
    Ok(db::query_as(
        "select s.stage, s.entry_year, s.number from membership m
         join membership n on n.school_id = m.school_id and n.child_id = m.child_id
            and n.from_on = m.to_on and n.to_on is null and n.by_hand = 1
         join class s on s.school_id = m.school_id and s.id = m.class_id
         where m.school_id = $1 and m.child_id = $2
         order by m.from_on desc limit 1",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .fetch_optional(conn)
    .await?)
}

impl Update {
    /// When the child is born, after the update.
    pub fn born_on(&self) -> Option<&str> {
        self.merged.own.born_on.as_deref()
    }

    fn moves(&self, child: &NewChild) -> bool {
        let named = (i64::from(child.grade), i64::from(child.class_number));
        self.class != named && self.given_up != Some(named)
    }

    fn is_nothing(&self, child: &NewChild) -> bool {
        let is_same = self.merged == self.was.clone().into();
        is_same && !self.moves(child) && !self.registers(child) && self.around.is_nothing()
    }

    /// The code of the 学籍 list is another.
    fn registers(&self, child: &NewChild) -> bool {
        child.registry_code.is_some() && child.registry_code != self.was.registry_code
    }

    /// 姓名：李小雨改成李思雨; nothing where the school knows all of it.
    pub fn said(&self, child: &NewChild) -> Vec<String> {
        let was = Particulars::from(self.was.clone());
        let mut said = changes(&was, &self.merged, false);
        if was.own.identity.health != self.merged.own.identity.health {
            said.push("身体情况有改动".to_owned());
        }
        if self.moves(child) {
            let (grade, number) = self.class;
            said.push(format!(
                "班级：{}改成{}",
                words::class_title(grade, number),
                words::class_title(child.grade.into(), child.class_number.into())
            ));
        }
        said.extend(self.around.said(child));
        if self.registers(child) {
            said.push("学籍里的留守情况有改动".to_owned());
        }
        if said.is_empty() && !self.is_nothing(child) {
            said.push("号码有改动".to_owned());
        }
        said
    }
}

async fn was(conn: &mut Conn, viewer: &Viewer, child_id: &str) -> Result<WasRow> {
    Ok(db::query_as(
        "select c.name, c.sex, c.born_on, c.id_state, c.identity_sealed, c.citizen_id_index,
            c.student_no_index, c.boarding, c.rural, c.registry_code, m.class_id, k.wrapped,
            s.stage, s.entry_year, s.number
         from child c
         join child_key k on k.school_id = c.school_id and k.child_id = c.id
         join membership m on m.school_id = c.school_id and m.child_id = c.id
            and m.from_on <= $3 and (m.to_on is null or m.to_on > $3)
         join class s on s.school_id = m.school_id and s.id = m.class_id
         where c.school_id = $1 and c.id = $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .bind(viewer.today().to_string())
    .fetch_one(conn)
    .await?)
}

impl Work<'_> {
    /// A child that the school has; where it knows all that the sheet says, nothing is written.
    pub async fn change(
        &mut self,
        conn: &mut Conn,
        child_id: &str,
        child: &NewChild,
    ) -> Result<()> {
        let update = update(conn, self.viewer, (child_id, child), self.day()).await?;
        if update.is_nothing(child) {
            return Ok(());
        }
        let key = &update.key;
        let code = child.registry_code.as_deref();
        self.write_child(conn, (child_id, key), (&update.merged, code))
            .await?;
        if update.moves(child) {
            let class_id = self.class_id(child)?;
            move_class(conn, self.viewer, (child_id, &class_id), Mover::List).await?;
        }
        self.around_again(conn, (child_id, key), (child, &update.around))
            .await?;
        let before = serde_json::to_string(&update.was)
            .map_err(|error| Failure::Ours(format!("before: {error}")))?;
        let place = format!("roster_import_child/{child_id}");
        let sealed = key.seal(&place, &before);
        self.logged(child_id, sealed);
        self.changed += 1;
        Ok(())
    }

    async fn write_child(
        &self,
        conn: &mut Conn,
        (child_id, key): (&str, &Key),
        (new, registry_code): (&Particulars, Option<&str>),
    ) -> Result<()> {
        let school_key = &self.viewer.school_key;
        let own = &new.own;
        db::query(
            "update child set name = $3, sex = $4, born_on = $5, id_state = $6,
                identity_sealed = $7, citizen_id_index = $8, student_no_index = $9,
                boarding = $10, rural = $11, registry_code = coalesce($12, registry_code),
                version = version + 1
             where school_id = $1 and id = $2",
        )
        .bind(self.viewer.school_id.as_str())
        .bind(child_id)
        .bind(&own.name)
        .bind(&own.sex)
        .bind(own.born_on.clone())
        .bind(&own.id_state)
        .bind(seal_identity(key, child_id, &own.identity)?)
        .bind(index(own.identity.citizen_id.as_ref(), |number| {
            store::citizen_index(school_key, number)
        }))
        .bind(index(own.identity.student_no.as_ref(), |number| {
            store::student_index(school_key, number)
        }))
        .bind(new.boarding.map(i64::from))
        .bind(new.rural.map(i64::from))
        .bind(registry_code.map(ToOwned::to_owned))
        .execute(conn)
        .await
        .map_err(|error| {
            if crate::db::is_taken(&error) {
                Failure::Asked(format!(
                    "{}的号码和本校另一个孩子的一样，所以整份都没有导入。请核对后重新上传。",
                    own.name
                ))
            } else {
                error.into()
            }
        })?;
        Ok(())
    }
}

/// The child as it stands when the sheet has been read.
fn merged(now: &Particulars, sheet: &NewChild, by_hand: &[Made]) -> Particulars {
    let said = said(sheet);
    let text = |of: fn(&Particulars) -> Option<&String>| {
        let given_up: Vec<&String> = by_hand.iter().filter_map(|one| one.gave_up(of)).collect();
        stands(of(now), of(&said), &given_up).cloned()
    };
    let yes_no = |of: fn(&Particulars) -> Option<&bool>| {
        let given_up: Vec<&bool> = by_hand.iter().filter_map(|one| one.gave_up(of)).collect();
        stands(of(now), of(&said), &given_up).copied()
    };
    let identity = Identity {
        citizen_id: text(|one| one.own.identity.citizen_id.as_ref()),
        other_document: text(|one| one.own.identity.other_document.as_ref()),
        student_no: text(|one| one.own.identity.student_no.as_ref()),
        address: text(|one| one.own.identity.address.as_ref()),
        hukou_place: text(|one| one.own.identity.hukou_place.as_ref()),
        nation: text(|one| one.own.identity.nation.as_ref()),
        health: text(|one| one.own.identity.health.as_ref()),
        remark: text(|one| one.own.identity.remark.as_ref()),
        came_from: text(|one| one.own.identity.came_from.as_ref()),
    };
    let is_old_number = identity.citizen_id != said.own.identity.citizen_id;
    Particulars {
        own: Own {
            name: text(|one| Some(&one.own.name)).unwrap_or_default(),
            sex: text(|one| Some(&one.own.sex).filter(|sex| !sex.is_empty())).unwrap_or_default(),
            born_on: text(|one| one.own.born_on.as_ref()),
            id_state: match &identity.citizen_id {
                Some(_) => "has".to_owned(),
                // The sheet's number was given up: what a hand said of the document stays.
                None if is_old_number => now.own.id_state.clone(),
                // An empty cell says nothing of a document.
                None if sheet.id_state == "unknown" => now.own.id_state.clone(),
                None => text(|one| Some(&one.own.id_state)).unwrap_or_default(),
            },
            identity,
        },
        boarding: yes_no(|one| one.boarding.as_ref()),
        rural: yes_no(|one| one.rural.as_ref()),
    }
}

fn said(sheet: &NewChild) -> Particulars {
    Particulars {
        own: Own {
            name: sheet.name.clone(),
            sex: sheet.sex.clone(),
            born_on: sheet.born_on.map(|day| day.to_string()),
            id_state: sheet.id_state.clone(),
            identity: sheet.identity.clone(),
        },
        boarding: sheet.boarding,
        rural: sheet.rural,
    }
}
