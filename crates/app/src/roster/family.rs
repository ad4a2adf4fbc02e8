//! The family that a line of a roster tells of: who they are, their telephones, who is away.

use super::check::{NewChild, NewKin, PHONE};
use super::commit::parent_of;
use super::heads::{CARER, Column, FATHER, KinColumn, MOTHER};
use super::row::{Cells, Found};
use super::sentences;
use crate::children::store::{KinDetails, kin_word};
use crate::sheets::Cell;
use rules::history::Parent;
use rules::identity::registry_word::{self, Told};
use rules::identity::work_place::WorkPlace;
use rules::identity::{Kinship, PersonName, Phone, text};

pub(super) fn kin(cells: &Cells<'_>, found: &mut Found, child: &mut NewChild) {
    let mut places: Vec<u8> = cells
        .heads
        .columns
        .values()
        .filter_map(|column| match column {
            Column::Kin(place, KinColumn::Name | KinColumn::Phone | KinColumn::Work) => {
                Some(*place)
            }
            _ => None,
        })
        .collect();
    places.sort_unstable();
    places.dedup();
    for place in places {
        match one_kin(cells, found, (place, child.kin.len())) {
            Some(kin) => child.kin.push(kin),
            None => {
                child.gone.extend(unnamed(cells, place));
                child.places.extend(works(cells, place));
            }
        }
    }
}

/// Where a parent works who has neither name nor number.
fn works(cells: &Cells<'_>, place: u8) -> Option<(String, String)> {
    let kinship = kinship_of(cells, place).filter(Kinship::is_parent)?;
    let work = cells.text(Column::Kin(place, KinColumn::Work))?;
    Some((kinship.code().to_owned(), work))
}

fn kinship_of(cells: &Cells<'_>, place: u8) -> Option<Kinship> {
    match place {
        FATHER => Some(Kinship::Father),
        MOTHER => Some(Kinship::Mother),
        _ => cells
            .text(Column::Kin(place, KinColumn::Kinship))
            .and_then(|said| Kinship::parse(&said)),
    }
}

/// A parent in whose place the sheet has 已故 or 无: an empty cell says nothing.
fn unnamed(cells: &Cells<'_>, place: u8) -> Option<String> {
    let kinship = kinship_of(cells, place).filter(Kinship::is_parent)?;
    let is_said = cells.text(Column::Kin(place, KinColumn::Name)).is_some();
    is_said.then(|| kinship.code().to_owned())
}

/// What a list says where there is no telephone.
const NOTHING: [&str; 14] = [
    "无",
    "没有",
    "暂无",
    "-",
    "—",
    "——",
    "/",
    "不详",
    "不知道",
    "不清楚",
    "未知",
    "未填",
    "没填",
    "空",
];

/// What a list says in place of the name of somebody who has died.
const DEAD: [&str; 9] = [
    "已故",
    "故",
    "亡",
    "去世",
    "已去世",
    "病故",
    "亡故",
    "死亡",
    "离世",
];

/// How a list says yes.
const YES: [&str; 5] = ["是", "1", "有", "Y", "y"];

/// A word in brackets or between strokes is the word.
fn bare(text: &str) -> String {
    let text = text::squeeze(text);
    let around = |one: char| matches!(one, '（' | '）' | '(' | ')' | '【' | '】' | '。');
    text.trim_matches(around).to_owned()
}

fn is_nothing(cell: &Cell) -> bool {
    NOTHING.contains(&bare(cell.text()).as_str())
}

fn one_kin(cells: &Cells<'_>, found: &mut Found, (place, position): (u8, usize)) -> Option<NewKin> {
    // A number without a name is still a way to reach somebody.
    let name = cells.at(Column::Kin(place, KinColumn::Name));
    let name = name.filter(|(_, cell)| !is_nothing(cell));
    let phone = cells.at(Column::Kin(place, KinColumn::Phone));
    let phone = phone.filter(|(_, cell)| !is_nothing(cell));
    let given = name.map_or("", |(_, cell)| cell.text());
    name.or(phone)?;
    let kinship = kinship_of(cells, place);
    let party = match &kinship {
        _ if place == CARER => "carer",
        Some(kinship) if kinship.is_parent() => "parent",
        Some(kinship) if kinship.is_relative() || kinship.is_grandparent() => "relative",
        _ => "other",
    };
    let name = PersonName::parse(given)
        .map(|name| name.as_str().to_owned())
        .unwrap_or_else(|_| text::squeeze(given));
    let is_dead = DEAD.contains(&bare(&name).as_str()) || WorkPlace::of(&name) == WorkPlace::Gone;
    if is_dead {
        let kinship = kinship.map_or_else(|| "other".to_owned(), |one| one.code().to_owned());
        let whose = kin_word(&kinship);
        found.told.push(format!(
            "{whose}写的是“{name}”，没有放进联系卡；导入以后请在“家里的情况”里记下。"
        ));
        return None;
    }
    let said = |part| {
        let said = cells.text(Column::Kin(place, part))?;
        (!NOTHING.contains(&bare(&said).as_str())).then_some(said)
    };
    let mut kin = NewKin {
        party: party.to_owned(),
        kinship: kinship.map_or_else(|| "other".to_owned(), |one| one.code().to_owned()),
        details: KinDetails {
            name,
            work_place: said(KinColumn::Work),
            employer_phone: said(KinColumn::EmployerPhone),
            occupation: said(KinColumn::Occupation),
            address: said(KinColumn::Address),
            health: said(KinColumn::Health),
            phone: None,
            other_phone: None,
        },
        ..NewKin::default()
    };
    if let Some((at, cell)) = phone {
        phone_of(&mut kin, (at, cell, position), found);
    }
    let other = cells.at(Column::Kin(place, KinColumn::OtherPhone));
    if let Some((_, cell)) = other.filter(|(_, cell)| !is_nothing(cell)) {
        other_of(&mut kin, cell, found);
    }
    Some(kin)
}

/// A second number in a column of its own.
fn other_of(kin: &mut NewKin, cell: &Cell, found: &mut Found) {
    match Phone::parse(cell.text()) {
        Ok(phone) if kin.details.other_phone.is_none() => {
            kin.details.other_phone = Some(phone.as_str().to_owned());
            if !kin.phone_held {
                kin.details.close_ranks();
            }
        }
        Ok(_) => {}
        Err(_) => {
            let whose = kin_word(&kin.kinship);
            found.told.push(format!(
                "{whose}的另一个号码打不出去，没有放进联系卡；问到了请在联系卡上补。"
            ));
        }
    }
}

/// A number that can be rung up goes in, and a second beside it; which of three or more is asked, and
/// any other is held back.
fn phone_of(kin: &mut NewKin, (at, cell, position): (usize, &Cell, usize), found: &mut Found) {
    let fault = match Phone::parse(cell.text()) {
        Ok(phone) => {
            kin.details.phone = Some(phone.as_str().to_owned());
            return;
        }
        Err(fault) => fault,
    };
    let several = Phone::several(cell.text());
    if (1..=2).contains(&several.len()) {
        let mut both = several.iter().map(|one| one.as_str().to_owned());
        kin.details.phone = both.next();
        kin.details.other_phone = both.next();
        return;
    }
    kin.phone_held = true;
    let whose = kin_word(&kin.kinship);
    let later = [
        ("without_phone", "先导入，电话以后补"),
        ("skip", "先不导入"),
    ];
    if several.is_empty() {
        found.ask(at, sentences::phone(&whose, &fault), &later);
        return;
    }
    kin.phones = several.iter().map(|one| one.as_str().to_owned()).collect();
    let each = several.iter().enumerate();
    let each: Vec<(String, String)> = each
        .map(|(which, one)| {
            let code = format!("{PHONE}{position}_{which}");
            (code, format!("先打{}", one.masked()))
        })
        .collect();
    let each = each
        .iter()
        .map(|(code, title)| (code.as_str(), title.as_str()));
    let answers: Vec<(&str, &str)> = each.chain(later).collect();
    let sentence = format!(
        "{whose}的电话写了{}个，联系卡上放两个。先打哪一个？",
        several.len()
    );
    found.ask(at, sentence, &answers);
}

/// Where the list says so, what became of the parents is still to be asked.
fn is_orphan(cells: &Cells<'_>, found: &mut Found, child: &mut NewChild) -> bool {
    let said = cells.text(Column::Orphan);
    child.is_orphan = said.is_some_and(|said| YES.contains(&said.as_str()));
    if child.is_orphan {
        child.who_is_open = true;
        found.told.push(
            "名单写着是孤儿：爸妈的情况先当作还没问过，导入以后请在“家里的情况”里记。".to_owned(),
        );
    }
    child.is_orphan
}

/// Which parents are away: by the export's code or in a school's own words, and by where the sheet
/// says they work. What it does not say stays to be asked.
pub(super) fn away(cells: &Cells<'_>, found: &mut Found, (child, by_hand): (&mut NewChild, bool)) {
    gone(found, child);
    if is_orphan(cells, found, child) {
        return;
    }
    let Some(said) = cells.text(Column::LeftBehind) else {
        // The list says nothing of both: where a cell says that somebody is away, it is the newest word.
        let away = Parent::ALL.iter().copied();
        let away = away.filter(|parent| child.place_of(*parent) == WorkPlace::Away);
        child.elsewhere = away.map(|parent| parent.code().to_owned()).collect();
        return;
    };
    let Some(told) = registry_word::read(&said) else {
        child.who_is_open = true;
        found.told.push(format!(
            "是不是留守写着“{said}”，看不懂，先当作还没问过；导入以后请在摸底里问。"
        ));
        return;
    };
    if let Some(sentence) = against(told, child) {
        child.who_is_open = true;
        child.registry_code = told.code().map(ToOwned::to_owned);
        found.told.push(sentence);
        return;
    }
    child.registry_code = told.code().map(ToOwned::to_owned);
    child.since_is_open = by_hand || !registry_word::is_of_the_export(&said);
    let of_one = who_may_be_away(child);
    let is_away = |parent: Parent| match told {
        Told::Nobody | Told::Somebody => false,
        Told::One(None) => of_one == Some(parent),
        Told::One(Some(one)) => parent == one,
        Told::Both => true,
    };
    for parent in Parent::ALL.iter().copied() {
        if child.is_gone(parent) {
            continue;
        }
        let is_away = is_away(parent);
        let says_away = child.place_of(parent) == WorkPlace::Away;
        let mut parents = child.kin.iter_mut().filter(|kin| kin.party == "parent");
        match parents.find(|kin| parent_of(kin) == parent.code()) {
            Some(kin) => kin.is_away = is_away,
            None if is_away => child.away_unnamed.push(parent.code().to_owned()),
            None => {}
        }
        if says_away && !is_away {
            child.elsewhere.push(parent.code().to_owned());
        }
    }
    let is_said = child.kin.iter().any(|kin| kin.is_away) || !child.away_unnamed.is_empty();
    child.who_is_open = told != Told::Nobody && !is_said;
    if child.who_is_open {
        found.told.push(
            "名单说爸妈有人在外，没说是哪一个：没问过的先当作还没问过，导入以后请在摸底里问。"
                .to_owned(),
        );
    }
}

/// What is no place to work at is not put on a card as one.
fn gone(found: &mut Found, child: &mut NewChild) {
    for parent in Parent::ALL.iter().copied() {
        if child.place_of(parent) != WorkPlace::Gone {
            continue;
        }
        let whose = kin_word(parent.code());
        found.told.push(format!(
            "{whose}的工作单位写的不是地方，没有放进联系卡；导入以后请在“家里的情况”里记下。"
        ));
        child.gone.push(parent.code().to_owned());
        let parents = child.kin.iter_mut().filter(|kin| kin.party == "parent");
        for kin in parents.filter(|kin| parent_of(kin) == parent.code()) {
            kin.details.work_place = None;
        }
    }
}

/// Of whom the list says that one is away, the one who can be: nobody, where both or neither could.
fn who_may_be_away(child: &NewChild) -> Option<Parent> {
    let mut away = Parent::ALL.iter().copied().filter(|parent| {
        let place = child.place_of(*parent);
        matches!(place, WorkPlace::Away | WorkPlace::Somewhere) && !child.is_gone(*parent)
    });
    let first = away.next()?;
    away.next().is_none().then_some(first)
}

/// Where the list says one thing of both parents and another of one of them: nobody can tell which.
fn against(told: Told, child: &mut NewChild) -> Option<String> {
    let (wrong, all, one) = match told {
        Told::Both => (WorkPlace::AtHome, "都在外", "在家"),
        Told::One(Some(_)) => (WorkPlace::AtHome, "有一个在外", "在家"),
        Told::Nobody => (WorkPlace::Away, "都在家", "在外面做工"),
        Told::One(None) | Told::Somebody => return None,
    };
    let is_meant = |parent: &&Parent| match told {
        Told::One(Some(one)) => **parent == one,
        Told::One(None) | Told::Both | Told::Nobody | Told::Somebody => true,
    };
    let parents = Parent::ALL.iter().filter(is_meant);
    let parents: Vec<&Parent> = parents
        .filter(|parent| child.place_of(**parent) == wrong)
        .collect();
    let whose = kin_word(parents.first()?.code());
    child.elsewhere = parents.iter().map(|one| one.code().to_owned()).collect();
    Some(format!(
        "名单说爸妈{all}，{whose}却写着{one}：没问过的先当作还没问过，导入以后请在摸底里问。"
    ))
}

pub(super) fn lives_with(child: &NewChild) -> Option<String> {
    let carer = child.kin.iter().find(|kin| kin.party == "carer");
    let word = match carer.and_then(|kin| Kinship::from_code(&kin.kinship)) {
        Some(kinship) if kinship.is_parent() => "parent",
        Some(kinship) if kinship.is_grandparent() => "grandparent",
        Some(kinship) if kinship.is_relative() => "relative",
        Some(_) => "other",
        None => match child.registry_code.as_deref() {
            Some("0") if !child.who_is_open => "parent",
            _ => return None,
        },
    };
    Some(word.to_owned())
}
