//! What a sheet says once more about a child whom the school has: what is new goes in, what
//! somebody changed by hand since the last sheet stays.

use super::check::{NewChild, NewKin};
use super::commit::{Work, next_card, seal_kin};
use super::home_again::{Absent, Home};
use crate::cards::pages::differences;
use crate::children::store::{KinDetails, kin_word};
use crate::db::{self, Conn, Val};
use crate::home::answers::answers;
use crate::home::store::{open_place_of, set_place};
use crate::ids::KinId;
use crate::vault::Key;
use crate::web::Viewer;
use crate::web::error::{Failure, Result};
use rules::again::{comes_back, numbers, stands};
use rules::history::Parent;
use rules::identity::work_place::WorkPlace;

db::row! {
    struct Row {
        id: String,
        party: String,
        kinship: String,
        details_sealed: String,
        phone_state: String,
        phone_checked_on: Option<String>,
        born_on: Option<String>,
        free_after: Option<String>,
        position: i64,
        to_on: Option<String>,
        version: i64,
    }
}

/// A grown-up who stands on the card, or stood there once.
struct Held {
    row: Row,
    details: KinDetails,
}

impl Held {
    fn is_open(&self) -> bool {
        self.row.to_on.is_none()
    }

    /// Parents are told apart by which they are, others also by their names.
    fn is_same(&self, kin: &NewKin) -> bool {
        let row = &self.row;
        row.party == kin.party
            && row.kinship == kin.kinship
            && (kin.party == "parent" || self.details.name == kin.details.name)
    }
}

async fn held(conn: &mut Conn, viewer: &Viewer, child_id: &str, key: &Key) -> Result<Vec<Held>> {
    let rows: Vec<Row> = db::query_as(
        "select id, party, kinship, details_sealed, phone_state, phone_checked_on, born_on,
            free_after, position, to_on, version
         from kin where school_id = $1 and child_id = $2 order by position, id",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .fetch_all(conn)
    .await?;
    let opened = rows.into_iter().map(|row| {
        let text = key.open(&format!("kin/{}/details", row.id), &row.details_sealed)?;
        let details =
            serde_json::from_str(&text).map_err(|error| Failure::Ours(format!("kin: {error}")))?;
        Ok(Held { row, details })
    });
    opened.collect()
}

/// Whether somebody changed the card with their own hand.
async fn is_card_by_hand(conn: &mut Conn, viewer: &Viewer, child_id: &str) -> Result<bool> {
    let changed: i64 = db::query_scalar(
        "select cast(count(*) as bigint) from card_version where school_id = $1
            and child_id = $2 and changed in ('phone', 'kin', 'ended')",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .fetch_one(conn)
    .await?;
    Ok(changed > 0)
}

/// The person as it stands when the sheet has been read.
fn merged(held: &Held, sheet: &KinDetails, once: &[&KinDetails]) -> KinDetails {
    let now = &held.details;
    let pick = |own: fn(&KinDetails) -> Option<&String>| {
        let given_up: Vec<&String> = once.iter().filter_map(|was| own(was)).collect();
        stands(own(now), own(sheet), &given_up).cloned()
    };
    let both = |one: &KinDetails| [one.phone.clone(), one.other_phone.clone()];
    let given_up: Vec<&str> = once.iter().flat_map(|was| was.phones()).collect();
    let (known, told) = (both(now), both(sheet));
    let [phone, other_phone] = numbers(
        (
            known.each_ref().map(Option::as_deref),
            held.row.phone_state == "dead",
        ),
        told.each_ref().map(Option::as_deref),
        &given_up,
    );
    KinDetails {
        name: pick(|one| Some(&one.name)).unwrap_or_default(),
        phone: phone.map(str::to_owned),
        other_phone: other_phone.map(str::to_owned),
        work_place: pick(|one| one.work_place.as_ref()),
        employer_phone: pick(|one| one.employer_phone.as_ref()),
        occupation: pick(|one| one.occupation.as_ref()),
        address: pick(|one| one.address.as_ref()),
        health: pick(|one| one.health.as_ref()),
    }
}

/// What becomes of one of a sheet's grown-ups; `at` is its place on the sheet, the other numbers are
/// places among those who stand on the card or stood there.
enum Step {
    Joins {
        at: usize,
        instead_of: Vec<usize>,
        is_told: bool,
    },
    Becomes {
        at: usize,
        was: usize,
        details: KinDetails,
        is_told: bool,
    },
}

/// What a sheet changes around a child whom the school has.
pub struct Around {
    held: Vec<Held>,
    steps: Vec<Step>,
    home: Home,
}

/// What a hand has told of where a parent is: no list changes it.
#[derive(Clone, Copy)]
enum Told {
    /// A list may say where.
    Away,
    Otherwise,
}

fn step(
    (kin, at): (&NewKin, usize),
    (held, by_hand): (&[Held], bool),
    told: Option<Told>,
) -> Option<Step> {
    let is_told = told.is_some();
    let own = || held.iter().enumerate().filter(|(_, one)| one.is_same(kin));
    let Some((was, now)) = own().find(|(_, one)| one.is_open()) else {
        if !comes_back(own().next().is_some(), by_hand) {
            return None;
        }
        let carers = held.iter().enumerate().filter(|(_, one)| {
            let are_both = kin.party == "carer" && one.row.party == "carer";
            one.is_open() && are_both && !by_hand
        });
        let instead_of = carers.map(|(place, _)| place).collect();
        return Some(Step::Joins {
            at,
            instead_of,
            is_told,
        });
    };
    let gone: Vec<&KinDetails> = own()
        .filter(|(_, one)| by_hand && !one.is_open())
        .map(|(_, one)| &one.details)
        .collect();
    let mut details = merged(now, &kin.details, &gone);
    let is_where = || WorkPlace::of(details.work_place.as_deref().unwrap_or_default());
    let is_filled = match told {
        None => true,
        Some(Told::Otherwise) => false,
        Some(Told::Away) => now.details.work_place.is_none() && is_where() != WorkPlace::AtHome,
    };
    if !is_filled {
        details.work_place.clone_from(&now.details.work_place);
    }
    let is_held = kin.phone_held && details.phone.is_none() && now.row.phone_state != "held";
    (details != now.details || is_held).then_some(Step::Becomes {
        at,
        was,
        details,
        is_told,
    })
}

/// Grown-ups, absences, home and screening as the sheet would have them; `registry`: what the sheet
/// before said of the child.
pub async fn around(
    conn: &mut Conn,
    viewer: &Viewer,
    (child_id, key): (&str, &Key),
    (child, registry): (&NewChild, Option<&str>),
) -> Result<Around> {
    let card = is_card_by_hand(conn, viewer, child_id).await?;
    let answers = answers(conn, &viewer.school_id, child_id).await?;
    let held = held(conn, viewer, child_id, key).await?;
    let absent = Absent::of(conn, viewer, child_id).await?;
    let told = |parent: Parent| {
        let told = if absent.has(parent) {
            Told::Away
        } else {
            Told::Otherwise
        };
        answers.by_hand(parent).then_some(told)
    };
    let sheet = child.kin.iter().zip(0..);
    let steps = sheet
        .filter_map(|(kin, at)| {
            let parent = Parent::from_code(&kin.kinship).filter(|_| kin.party == "parent");
            step((kin, at), (&held, card), parent.and_then(told))
        })
        .collect();
    let home = Home::of(conn, viewer, child_id, (child, registry, &answers)).await?;
    Ok(Around { held, steps, home })
}

impl Around {
    pub fn is_nothing(&self) -> bool {
        self.steps.is_empty() && self.home.is_nothing()
    }

    /// 妈妈，电话：160****5678改成160****4321
    pub fn said(&self, child: &NewChild) -> Vec<String> {
        let mut said: Vec<String> = self
            .steps
            .iter()
            .map(|step| self.step_said(step, child))
            .collect();
        said.extend(self.home.said());
        said
    }

    fn step_said(&self, step: &Step, child: &NewChild) -> String {
        let word = |at: usize| {
            child
                .kin
                .get(at)
                .map_or_else(String::new, |kin| kin_word(&kin.kinship))
        };
        match step {
            Step::Joins { at, instead_of, .. } => {
                let name = child
                    .kin
                    .get(*at)
                    .map_or("", |kin| kin.details.name.as_str());
                let gone = instead_of.iter().filter_map(|was| self.held.get(*was));
                let gone: Vec<&str> = gone.map(|one| one.details.name.as_str()).collect();
                let instead = if gone.is_empty() {
                    String::new()
                } else {
                    format!("，不再是{}", gone.join("、"))
                };
                format!("联系卡上加{}{name}{instead}", word(*at))
            }
            Step::Becomes {
                at, was, details, ..
            } => {
                let old = self
                    .held
                    .get(*was)
                    .map(|one| one.details.clone())
                    .unwrap_or_default();
                let lines = differences(&old, details, false);
                let lines = if lines.is_empty() {
                    "电话待核对".to_owned()
                } else {
                    lines.join("，")
                };
                format!("{}，{lines}", word(*at))
            }
        }
    }
}

impl Work<'_> {
    /// Writes what the sheet changes around a child whom the school has.
    pub async fn around_again(
        &mut self,
        conn: &mut Conn,
        (child_id, key): (&str, &Key),
        (child, around): (&NewChild, &Around),
    ) -> Result<()> {
        for step in &around.steps {
            self.take_step(conn, (child_id, key), (child, &around.held), step)
                .await?;
        }
        if !around.steps.is_empty() {
            let version = next_card(conn, self.viewer, child_id).await?;
            self.card(child_id, version, "roster");
        }
        self.home_again(conn, child_id, (child, &around.home)).await
    }

    async fn take_step(
        &mut self,
        conn: &mut Conn,
        (child_id, key): (&str, &Key),
        (child, held): (&NewChild, &[Held]),
        step: &Step,
    ) -> Result<()> {
        let row = match step {
            Step::Joins {
                at,
                instead_of,
                is_told,
            } => {
                for one in instead_of.iter().filter_map(|was| held.get(*was)) {
                    self.end(conn, &one.row.id).await?;
                }
                let Some((kin, position)) = child.kin.iter().zip(0_i64..).nth(*at) else {
                    return Ok(());
                };
                let mut kin = kin.clone();
                if *is_told {
                    let known = open_place_of(conn, self.viewer, (child_id, key), &kin.kinship);
                    kin.details.work_place = known.await?;
                }
                self.kin_row(child_id, &KinId::new(), (&kin, position), key)?
            }
            Step::Becomes {
                at,
                was,
                details,
                is_told,
            } => {
                let (Some(kin), Some(now)) = (child.kin.get(*at), held.get(*was)) else {
                    return Ok(());
                };
                self.end(conn, &now.row.id).await?;
                if now.row.party == "parent"
                    && !is_told
                    && let Some(place) = &details.work_place
                    && now.details.work_place.as_ref() != Some(place)
                    && WorkPlace::of(place) != WorkPlace::AtHome
                {
                    let of = (now.row.kinship.as_str(), place.as_str());
                    set_place(conn, self.viewer, (child_id, key), of).await?;
                }
                self.replacing(now, (kin, details), (child_id, key))?
            }
        };
        self.batch.kin.push(row);
        Ok(())
    }

    /// The same person with what is new; what only the card knows goes along.
    fn replacing(
        &self,
        now: &Held,
        (kin, details): (&NewKin, &KinDetails),
        (child_id, key): (&str, &Key),
    ) -> Result<Vec<Val>> {
        let id = KinId::new();
        let is_same_phone = details.phone == now.details.phone;
        let state = match (&details.phone, is_same_phone) {
            (Some(_), true) => now.row.phone_state.as_str(),
            (Some(_), false) => "good",
            (None, _) if kin.phone_held => "held",
            (None, _) => "none",
        };
        let phone = details.phone.as_deref();
        Ok(vec![
            Val::from(self.viewer.school_id.as_str().to_owned()),
            Val::from(id.as_str().to_owned()),
            Val::from(child_id.to_owned()),
            Val::from(now.row.party.clone()),
            Val::from(now.row.kinship.clone()),
            Val::from(seal_kin(key, id.as_str(), details)?),
            Val::from(phone.map(|phone| self.viewer.school_key.index("phone", phone))),
            Val::from(state.to_owned()),
            Val::from(now.row.phone_checked_on.clone().filter(|_| is_same_phone)),
            Val::from(now.row.born_on.clone()),
            Val::from(now.row.free_after.clone()),
            Val::Int(now.row.position),
            Val::from(self.viewer.today().to_string()),
            Val::NoText,
            Val::Int(now.row.version + 1),
        ])
    }

    async fn end(&self, conn: &mut Conn, kin_id: &str) -> Result<()> {
        db::query("update kin set to_on = $3 where school_id = $1 and id = $2")
            .bind(self.viewer.school_id.as_str())
            .bind(kin_id)
            .bind(self.viewer.today().to_string())
            .execute(conn)
            .await?;
        Ok(())
    }
}
