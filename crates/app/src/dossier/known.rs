//! What is known of a child elsewhere: entered once, on the roster or the card, and shown wherever
//! a form asks for it.

use crate::children::case::{parent, state};
use crate::children::store as children;
use crate::children::store::{Child, Identity, Kin};
use crate::db::{self, Conn};
use crate::home::forms::{LIVINGS, word_of};
use crate::packs::Known;
use crate::vault::Key;
use crate::web::{Result, Viewer, words};
use jiff::civil::Date;
use rules::completeness::{self, About, Around};
use rules::history::Parent;

pub struct Facts {
    child: Child,
    identity: Identity,
    kin: Vec<Kin>,
    around: Around,
    /// For people outside: numbers by their ends alone.
    only_ends: bool,
    today: Date,
}

pub async fn facts(conn: &mut Conn, viewer: &Viewer, child: &Child, key: &Key) -> Result<Facts> {
    let kin = children::kin(conn, viewer, child, key).await?;
    Ok(Facts {
        identity: children::identity(conn, viewer, child, key).await?,
        around: around(conn, viewer, child, &kin).await?,
        kin,
        only_ends: false,
        child: child.clone(),
        today: viewer.today(),
    })
}

async fn around(conn: &mut Conn, viewer: &Viewer, child: &Child, kin: &[Kin]) -> Result<Around> {
    let rows: Vec<(String, String, String)> = db::query_as(
        "select 'state', parent, state from parent_state where school_id = $1 and child_id = $2
            and (from_on is null or from_on <= $3) and (to_on is null or to_on >= $3)
         union all
         select 'living', kind, '' from living where school_id = $1 and child_id = $2
            and (from_on is null or from_on <= $3) and (to_on is null or to_on > $3)",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(viewer.today().to_string())
    .fetch_all(conn)
    .await?;
    let mut around = Around {
        has_carer: kin.iter().any(|kin| kin.party == "carer"),
        ..Around::default()
    };
    for (what, who, word) in rows {
        match what.as_str() {
            "state" => around.states.push((parent(&who), state(&word))),
            _ => around.lives_with.push(who),
        }
    }
    Ok(around)
}

impl Facts {
    pub fn born_on(&self) -> Option<Date> {
        self.child.born_on
    }

    /// The same for people outside, who read no number whole.
    pub fn by_ends(self, only_ends: bool) -> Self {
        Self { only_ends, ..self }
    }

    fn parent(&self, word: &str) -> Option<&Kin> {
        let own = |kin: &&Kin| kin.party == "parent" && kin.kinship.ends_with(word);
        self.kin.iter().find(own)
    }

    fn carer(&self) -> Option<&Kin> {
        self.kin.iter().find(|kin| kin.party == "carer")
    }

    /// The school that the child came from, and the day.
    pub fn came(&self) -> Option<(String, Date)> {
        let from = self.identity.came_from.clone()?;
        Some((from, self.child.in_care_since))
    }

    /// The names around the child, each with the word for who it is.
    pub fn grown_ups(&self) -> Vec<(String, String)> {
        let own = self.kin.iter();
        own.map(|kin| (kin.details.name.clone(), kin.word()))
            .collect()
    }

    /// Where the child and its grown-ups live and work.
    pub fn places(&self) -> Vec<String> {
        let identity = [&self.identity.address, &self.identity.hukou_place];
        let own = identity.into_iter().flatten();
        let kin = self.kin.iter().map(|kin| &kin.details);
        let theirs = kin
            .flat_map(|kin| [&kin.work_place, &kin.address])
            .flatten();
        own.chain(theirs).cloned().collect()
    }

    /// The value as it stands on a form; `None`: it is not known.
    pub fn value(&self, known: Known) -> Option<String> {
        let value = self.whole(known)?;
        Some(if self.only_ends {
            masked(known, value)
        } else {
            value
        })
    }

    /// The value as it is printed: a stroke where there can be none, which is not the same as empty.
    pub fn on_paper(&self, known: Known) -> String {
        let stroke = || self.is_excused(known).then(|| NONE.to_owned());
        self.value(known).or_else(stroke).unwrap_or_default()
    }

    /// The value as a sheet holds it: days as all days of the sheet.
    pub fn in_sheet(&self, known: Known) -> Option<String> {
        let value = self.value(known)?;
        let day = match known {
            Known::BornOn => self.child.born_on,
            Known::CheckedOn => self.checked_on(),
            _ => None,
        };
        Some(day.map_or(value, |day| day.to_string()))
    }

    fn checked_on(&self) -> Option<Date> {
        let checked = self.kin.iter().filter_map(|kin| kin.phone_checked_on);
        checked.max()
    }

    fn whole(&self, known: Known) -> Option<String> {
        let (child, identity) = (&self.child, &self.identity);
        let found = match known {
            Known::Name => Some(child.name.clone()),
            Known::Sex => Some(sex(&child.sex).to_owned()),
            Known::BornOn => child.born_on.map(words::full_day),
            Known::Age => child.age(self.today).map(|age| format!("{age}岁")),
            Known::Class => Some(child.class_title()),
            Known::Nation => identity.nation.clone(),
            Known::CitizenId => identity.citizen_id.clone(),
            Known::StudentNo => identity.student_no.clone(),
            Known::Address => identity.address.clone(),
            Known::HukouPlace => identity.hukou_place.clone(),
            Known::Boarding => child
                .boarding
                .map(|yes| if yes { "住校" } else { "走读" }.to_owned()),
            Known::Health => identity.health.clone(),
            Known::LivesWith => self.lives_with(),
            Known::Remark => identity.remark.clone(),
            _ => self.of_kin(known),
        };
        found.filter(|value| !value.is_empty())
    }

    /// 爷爷奶奶, where the card says whose parents they are.
    fn lives_with(&self) -> Option<String> {
        let side = |of: &str| {
            let own = |kin: &Kin| kin.party != "parent" && kin.kinship.starts_with(of);
            self.kin.iter().any(own)
        };
        let word = |kind: &String| match (kind.as_str(), side("paternal"), side("maternal")) {
            ("grandparent", true, false) => "爷爷奶奶",
            ("grandparent", false, true) => "外公外婆",
            (kind, ..) => word_of(&LIVINGS, kind),
        };
        let words: Vec<&str> = self.around.lives_with.iter().map(word).collect();
        (!words.is_empty()).then(|| words.join("、"))
    }

    fn of_kin(&self, known: Known) -> Option<String> {
        // Who has died is named, and no longer rung up or looked for at work.
        let is_name = matches!(known, Known::FatherName | Known::MotherName);
        if !is_name && self.is_excused(known) {
            return None;
        }
        let (father, mother, carer) = (self.parent("father"), self.parent("mother"), self.carer());
        match known {
            Known::FatherName => father.map(|kin| kin.details.name.clone()),
            Known::FatherPhone => father.and_then(phone),
            Known::FatherWork => father.and_then(|kin| kin.details.work_place.clone()),
            Known::FatherEmployerPhone => father.and_then(|kin| kin.details.employer_phone.clone()),
            Known::MotherName => mother.map(|kin| kin.details.name.clone()),
            Known::MotherPhone => mother.and_then(phone),
            Known::MotherWork => mother.and_then(|kin| kin.details.work_place.clone()),
            Known::MotherEmployerPhone => mother.and_then(|kin| kin.details.employer_phone.clone()),
            Known::CarerName => carer.map(|kin| kin.details.name.clone()),
            Known::CarerKinship => carer.map(Kin::word),
            Known::CarerPhone => carer.and_then(phone),
            Known::CarerAddress => carer.and_then(|kin| {
                // Left open: the carer lives where the child lives.
                let own = kin.details.address.clone();
                own.or_else(|| self.identity.address.clone())
            }),
            Known::CarerOccupation => carer.and_then(|kin| kin.details.occupation.clone()),
            Known::CarerHealth => carer.and_then(|kin| kin.details.health.clone()),
            Known::CarerAge => carer
                .and_then(|kin| kin.born_on)
                .map(|born| format!("{}岁", rules::history::age_on(born, self.today))),
            Known::CheckedOn => self.checked_on().map(words::full_day),
            _ => None,
        }
    }
}

impl Facts {
    /// Whether nobody can be expected to say this of the child.
    pub fn is_excused(&self, known: Known) -> bool {
        let about = match known.code().split('.').next() {
            Some("father") => About::Parent(Parent::Father),
            Some("mother") => About::Parent(Parent::Mother),
            Some("carer") => About::Carer,
            _ => About::Child,
        };
        completeness::is_excused(about, &self.around)
    }

    /// As it stands on a screen: numbers masked, in full only on paper and where they are asked for.
    pub fn masked(&self, known: Known) -> Option<String> {
        Some(masked(known, self.whole(known)?))
    }
}

fn masked(known: Known, value: String) -> String {
    match known {
        Known::CitizenId | Known::StudentNo => last_four_of(&value),
        Known::FatherPhone
        | Known::MotherPhone
        | Known::CarerPhone
        | Known::FatherEmployerPhone
        | Known::MotherEmployerPhone => {
            let each = value.split(BETWEEN).map(|one| {
                rules::identity::Phone::parse(one)
                    .map_or_else(|_| last_four_of(one), |one| one.masked())
            });
            each.collect::<Vec<_>>().join("、")
        }
        _ => value,
    }
}

/// 尾号0426
pub fn last_four_of(text: &str) -> String {
    format!("尾号{}", last_four(text))
}

pub fn last_four(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters
        .iter()
        .skip(letters.len().saturating_sub(4))
        .collect()
}

/// Whether what is missing is a way to reach a grown-up.
pub fn reaches(known: Known) -> bool {
    matches!(
        known,
        Known::FatherPhone | Known::MotherPhone | Known::CarerPhone | Known::CarerName
    )
}

/// Where something is entered and changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// 改姓名、证件、住址, and the school's own list of names.
    Names,
    Card,
    Home,
}

pub fn place(known: Known) -> Place {
    match known.code().split('.').next() {
        Some("child") => Place::Names,
        Some("home") => Place::Home,
        _ => Place::Card,
    }
}

fn sex(code: &str) -> &'static str {
    match code {
        "female" => "女",
        "male" => "男",
        _ => "",
    }
}

/// What is printed where nothing can be.
pub const NONE: &str = "—";

/// What stands between two numbers of one person; a list that comes back is read at it.
pub const BETWEEN: &str = " / ";

/// A number that nobody has any more is not given on: there is room for the new one.
fn phone(kin: &Kin) -> Option<String> {
    let fails = kin.phone_state == "dead";
    let first = kin.details.phone.as_deref().filter(|_| !fails);
    let all = first.into_iter().chain(kin.details.other_phone.as_deref());
    let all: Vec<String> = all.map(crate::records::calls::spoken).collect();
    match all.as_slice() {
        [] if fails => Some("（空号）".to_owned()),
        [] => None,
        all => Some(all.join(BETWEEN)),
    }
}

/// Of the numbers that [`Known::CarerPhone`] and its like give, the one to dial first.
pub fn first_number(phones: &str) -> Option<&str> {
    let first = phones.split(BETWEEN).next()?;
    rules::identity::Phone::parse(first)
        .is_ok()
        .then_some(first)
}
