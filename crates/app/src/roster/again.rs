//! What a sheet says once more about a child whom the school has: what is new goes in, what
//! somebody changed by hand since the last sheet stays.

use super::check::{NewChild, NewKin};
use super::commit::{Work, current_living, next_card, parent_of, seal_kin};
use crate::children::store::KinDetails;
use crate::db::{self, Conn, Val};
use crate::ids::KinId;
use crate::vault::Key;
use crate::web::Viewer;
use crate::web::error::{Failure, Result};
use rules::again::{comes_back, stands};

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

/// Whether somebody changed the card, or asked about the home, with their own hand.
async fn by_hand(conn: &mut Conn, viewer: &Viewer, child_id: &str) -> Result<(bool, bool)> {
    let (card, home): (i64, i64) = db::query_as(
        "select (select cast(count(*) as bigint) from card_version v where v.school_id = $1
                and v.child_id = $2 and v.changed in ('phone', 'kin', 'ended')),
            (select cast(count(*) as bigint) from screening s where s.school_id = $1
                and s.child_id = $2 and s.source <> 'roster')",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .fetch_one(conn)
    .await?;
    Ok((card > 0, home > 0))
}

/// The person as it stands when the sheet has been read.
fn merged(now: &KinDetails, sheet: &KinDetails, once: &[&KinDetails]) -> KinDetails {
    let pick = |own: fn(&KinDetails) -> Option<&String>| {
        let given_up: Vec<&String> = once.iter().filter_map(|was| own(was)).collect();
        stands(own(now), own(sheet), &given_up).cloned()
    };
    KinDetails {
        name: pick(|one| Some(&one.name)).unwrap_or_default(),
        phone: pick(|one| one.phone.as_ref()),
        work_place: pick(|one| one.work_place.as_ref()),
        employer_phone: pick(|one| one.employer_phone.as_ref()),
        occupation: pick(|one| one.occupation.as_ref()),
        address: pick(|one| one.address.as_ref()),
        health: pick(|one| one.health.as_ref()),
    }
}

impl Work<'_> {
    /// Grown-ups, absences, home and screening of a child whom the school has; `registry`: what the
    /// sheet before said of it.
    pub async fn around_again(
        &mut self,
        conn: &mut Conn,
        (child_id, key): (&str, &Key),
        child: &NewChild,
        registry: Option<&str>,
    ) -> Result<()> {
        let (card_by_hand, home_by_hand) = by_hand(conn, self.viewer, child_id).await?;
        let held = held(conn, self.viewer, child_id, key).await?;
        let mut has_changed = false;
        for (kin, position) in child.kin.iter().zip(0_i64..) {
            has_changed |= self
                .kin_again(
                    conn,
                    (child_id, key),
                    (kin, position),
                    (&held, card_by_hand),
                )
                .await?;
        }
        if has_changed {
            let version = next_card(conn, self.viewer, child_id).await?;
            self.card(child_id, version, "roster");
        }
        if !home_by_hand {
            self.living_again(conn, child_id, child).await?;
            self.away_again(conn, child_id, child).await?;
        }
        if child.registry_code.is_some() && child.registry_code.as_deref() != registry {
            self.screened(child_id);
        }
        Ok(())
    }

    /// Says whether the card is another now.
    async fn kin_again(
        &mut self,
        conn: &mut Conn,
        (child_id, key): (&str, &Key),
        (kin, position): (&NewKin, i64),
        (held, by_hand): (&[Held], bool),
    ) -> Result<bool> {
        let own = || held.iter().filter(|one| one.is_same(kin));
        let Some(now) = own().find(|one| one.is_open()) else {
            if !comes_back(own().next().is_some(), by_hand) {
                return Ok(false);
            }
            let carers = held
                .iter()
                .filter(|one| one.is_open() && kin.party == "carer" && one.row.party == "carer");
            if !by_hand {
                for one in carers {
                    self.end(conn, &one.row.id).await?;
                }
            }
            let row = self.kin_row(child_id, &KinId::new(), (kin, position), key)?;
            self.batch.kin.push(row);
            return Ok(true);
        };
        let gone: Vec<&KinDetails> = own()
            .filter(|one| by_hand && !one.is_open())
            .map(|one| &one.details)
            .collect();
        let details = merged(&now.details, &kin.details, &gone);
        let is_held = kin.phone_held && details.phone.is_none() && now.row.phone_state != "held";
        if details == now.details && !is_held {
            return Ok(false);
        }
        self.end(conn, &now.row.id).await?;
        let row = self.replacing(now, (kin, &details), (child_id, key))?;
        self.batch.kin.push(row);
        Ok(true)
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

    /// With whom the child lives, where nobody has asked: a new stretch if the sheet says another.
    async fn living_again(
        &mut self,
        conn: &mut Conn,
        child_id: &str,
        child: &NewChild,
    ) -> Result<()> {
        let Some(kind) = &child.lives_with else {
            return Ok(());
        };
        let now: Vec<String> = db::query_scalar(
            "select kind from living where school_id = $1 and child_id = $2 and to_on is null",
        )
        .bind(self.viewer.school_id.as_str())
        .bind(child_id)
        .fetch_all(&mut *conn)
        .await?;
        if now.contains(kind) {
            return Ok(());
        }
        for id in current_living(conn, self.viewer, child_id).await? {
            db::query("update living set to_on = $3 where school_id = $1 and id = $2")
                .bind(self.viewer.school_id.as_str())
                .bind(&id)
                .bind(self.viewer.today().to_string())
                .execute(&mut *conn)
                .await?;
        }
        self.lives(child_id, kind, None);
        Ok(())
    }

    /// Who is away, where nobody has asked. Who was away already has been so since then, not since
    /// this sheet.
    async fn away_again(
        &mut self,
        conn: &mut Conn,
        child_id: &str,
        child: &NewChild,
    ) -> Result<()> {
        if child.registry_code.is_none() {
            return Ok(());
        }
        let now: Vec<String> = db::query_scalar(
            "select parent from parent_absence
             where school_id = $1 and child_id = $2 and to_on is null",
        )
        .bind(self.viewer.school_id.as_str())
        .bind(child_id)
        .fetch_all(&mut *conn)
        .await?;
        let code = child.registry_code.as_deref();
        for kin in child.kin.iter().filter(|kin| kin.party == "parent") {
            let parent = parent_of(kin);
            let work = kin.details.work_place.as_deref().unwrap_or_default();
            let is_home = code == Some("0") || code == Some("1") && work.starts_with("在家");
            if kin.is_away && !now.iter().any(|one| one == parent) {
                self.is_away(child_id, parent);
            } else if is_home {
                self.back_again(conn, child_id, parent).await?;
            }
        }
        Ok(())
    }

    async fn back_again(&self, conn: &mut Conn, child_id: &str, parent: &str) -> Result<()> {
        db::query(
            "delete from parent_absence
             where school_id = $1 and child_id = $2 and parent = $3 and source = 'roster'
                and from_on is null and to_on is null",
        )
        .bind(self.viewer.school_id.as_str())
        .bind(child_id)
        .bind(parent)
        .execute(conn)
        .await?;
        Ok(())
    }
}
