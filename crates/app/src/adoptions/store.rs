//! Which packs hold here today, with the text as it was when they were adopted.

use crate::App;
use crate::db::{self, Conn};
use crate::ids::{OperationId, SchoolId};
use crate::packs::{Form, Pack, PackDuty, forms, read::read, shipped};
use crate::web::{Failure, Result};
use jiff::civil::Date;
use rules::eligibility::EligibilityRule;
use std::collections::HashMap;
use std::sync::Arc;

/// Everything that is in force in one school.
#[derive(Debug, Default)]
pub struct InForce {
    pub packs: Vec<Pack>,
    pub forms: Vec<Form>,
    /// Where among them each stands.
    places: HashMap<String, usize>,
}

impl InForce {
    /// Forms of packs that no longer hold are still read, and no longer written.
    fn new(packs: Vec<Pack>, former: &[Pack]) -> Self {
        let now: Vec<&Pack> = packs.iter().collect();
        let mut held = forms(&now);
        let once: Vec<&Pack> = former.iter().chain(now).collect();
        for mut form in forms(&once) {
            if held.iter().all(|own| own.id != form.id) {
                form.retired = true;
                held.push(form);
            }
        }
        let names = held.iter().map(|form| form.id.clone());
        Self {
            places: names.zip(0..).collect(),
            packs,
            forms: held,
        }
    }

    pub fn rules(&self) -> impl Iterator<Item = &EligibilityRule> {
        self.packs
            .iter()
            .flat_map(|pack| pack.eligibility.iter().map(|one| &one.rule))
    }

    pub fn duties(&self) -> impl Iterator<Item = &PackDuty> {
        self.packs.iter().flat_map(|pack| pack.duties.iter())
    }

    /// The form of a kind of record; `call.answered` is kept with the form `call`.
    pub fn form(&self, kind: &str) -> Option<&Form> {
        self.forms.get(*self.places.get(base(kind))?)
    }

    pub fn pack_title(&self, id: &str) -> &str {
        self.packs
            .iter()
            .find(|pack| pack.head.id == id)
            .map_or("", |pack| pack.head.title.as_str())
    }

    pub fn duty_title(&self, policy: &rules::eligibility::PolicyId) -> &str {
        self.duties()
            .find(|one| one.duty.policy == *policy)
            .map_or("", |one| one.title.as_str())
    }

    /// Title of an eligibility rule.
    pub fn rule_title(&self, policy: &rules::eligibility::PolicyId) -> &str {
        self.packs
            .iter()
            .flat_map(|pack| pack.eligibility.iter())
            .find(|one| one.rule.policy == *policy)
            .map_or("", |one| one.title.as_str())
    }
}

/// `home_visit.self_care` is a `home_visit`.
pub fn base(kind: &str) -> &str {
    kind.split('.').next().unwrap_or(kind)
}

/// The packs of a school today; kept in memory until one is adopted or ended.
pub async fn in_force(
    app: &App,
    conn: &mut Conn,
    school_id: &SchoolId,
    today: Date,
) -> db::Result<Arc<InForce>> {
    if let Some(known) = app.memory.in_force(school_id, today) {
        return Ok(known);
    }
    let round = app.memory.round(school_id);
    let mut packs = Vec::new();
    // The last text of each pack that has ended, also where a newer one of it holds: that may have
    // dropped a form.
    let mut former: Vec<Pack> = Vec::new();
    for adoption in adoptions(conn, school_id).await? {
        if adoption.from_on > today {
            continue;
        }
        let Some(pack) = readable(&adoption) else {
            continue;
        };
        if adoption.holds(today) {
            packs.push(pack);
        } else {
            former.retain(|own| own.head.id != pack.head.id);
            former.push(pack);
        }
    }
    let in_force = Arc::new(InForce::new(packs, &former));
    app.memory
        .keep_in_force(school_id, round, (today, &in_force));
    Ok(in_force)
}

pub fn readable(adoption: &Adoption) -> Option<Pack> {
    match read(&adoption.body, &adoption.pack, adoption.from_on) {
        Ok(pack) => Some(pack),
        Err(faults) => {
            let first = faults.first().map(ToString::to_string);
            tracing::error!(
                pack = adoption.pack,
                fault = first,
                "an adopted pack is faulty"
            );
            None
        }
    }
}

/// A pack that was adopted here.
#[derive(Clone, Debug)]
pub struct Adoption {
    pub pack: String,
    pub body: String,
    pub from_on: Date,
    pub to_on: Option<Date>,
}

impl Adoption {
    pub fn holds(&self, today: Date) -> bool {
        self.from_on <= today && self.to_on.is_none_or(|to| today < to)
    }

    /// It will, from a later day on.
    pub fn comes(&self, today: Date) -> bool {
        self.from_on > today && self.to_on.is_none_or(|to| self.from_on < to)
    }
}

/// pack, body, from, to
type AdoptionRow = (String, String, String, Option<String>);

pub async fn adoptions(conn: &mut Conn, school_id: &SchoolId) -> db::Result<Vec<Adoption>> {
    let rows: Vec<AdoptionRow> = db::query_as(
        "select pack, body, from_on, to_on from adoption
         where school_id = $1 order by from_on, id",
    )
    .bind(school_id.as_str())
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(pack, body, from_on, to_on)| Adoption {
            pack,
            body,
            from_on: db::date(&from_on),
            to_on: db::opt_date(to_on),
        })
        .collect())
}

/// Adopts a pack from a day on; the one of the same id that held before ends that day. The same text,
/// taken up again on the day on which it ended, goes on as if nothing had happened: what was owed by it
/// is owed still.
pub async fn adopt(
    conn: &mut Conn,
    school_id: &SchoolId,
    (pack, body): (&Pack, &str),
    from_on: Date,
    adopted_by: &str,
) -> db::Result<()> {
    end(conn, school_id, &pack.head.id, from_on).await?;
    let goes_on = db::query(
        "update adoption set to_on = null where school_id = $1 and pack = $2 and body = $3
            and to_on = $4 and from_on < $4",
    )
    .bind(school_id.as_str())
    .bind(&pack.head.id)
    .bind(body)
    .bind(from_on.to_string())
    .execute(&mut *conn)
    .await?;
    if goes_on > 0 {
        return Ok(());
    }
    db::query(
        "insert into adoption (school_id, id, pack, version, body, from_on, to_on, adopted_by)
         values ($1, $2, $3, $4, $5, $6, null, $7)",
    )
    .bind(school_id.as_str())
    .bind(OperationId::new().as_str())
    .bind(&pack.head.id)
    .bind(&pack.head.version)
    .bind(body)
    .bind(from_on.to_string())
    .bind(adopted_by)
    .execute(conn)
    .await?;
    Ok(())
}

/// Ends a pack from a day on.
pub async fn end(
    conn: &mut Conn,
    school_id: &SchoolId,
    pack: &str,
    from_on: Date,
) -> db::Result<()> {
    db::query(
        "update adoption set to_on = $3 where school_id = $1 and pack = $2
            and (to_on is null or to_on > $3)",
    )
    .bind(school_id.as_str())
    .bind(pack)
    .bind(from_on.to_string())
    .execute(conn)
    .await?;
    Ok(())
}

/// The same of a pack that holds here or will, and that a school may do without.
pub async fn end_here(
    conn: &mut Conn,
    school_id: &SchoolId,
    pack: &str,
    from_on: Date,
) -> Result<()> {
    let is_ours = NATIONAL.contains(&pack) || pack == OWN;
    let all = adoptions(conn, school_id).await?;
    let mut open = all.iter().filter(|one| one.pack == pack);
    if is_ours || !open.any(|one| one.to_on.is_none_or(|to| to > from_on)) {
        return Err(Failure::NotThere);
    }
    Ok(end(conn, school_id, pack, from_on).await?)
}

/// The id of the pack that a school writes through the web.
pub const OWN: &str = "own";

/// What every school has from its first day: the forms of everyday records, the law, and the
/// definitions by which bureaus count.
pub const NATIONAL: [&str; 4] = ["basics", "law", "education", "civil_affairs"];

/// A shipped pack and its text.
pub fn shipped_pack(id: &str, from: Date) -> Option<(Pack, &'static str)> {
    let pack = shipped::pack(id, from)?.ok()?;
    shipped::text(id).map(|text| (pack, text))
}

/// Adopts what every school has.
pub async fn adopt_national(
    conn: &mut Conn,
    school_id: &SchoolId,
    from_on: Date,
    by: &str,
) -> db::Result<()> {
    for id in NATIONAL {
        if let Some((pack, text)) = shipped_pack(id, from_on) {
            adopt(conn, school_id, (&pack, text), from_on, by).await?;
        }
    }
    Ok(())
}
