//! A pack's text → a pack, or every fault in it with its line and how to mend it.

use super::form::{dictionary, form};
use super::part::{Page, Part};
use super::terms::{cadence_of, codes, condition, pick, word};
use super::{Dictionary, Eligibility, Fault, Head, Pack, PackDuty, check};
use jiff::civil::Date;
use rules::cadence::{Cadence, Weeks};
use rules::conditions::Condition;
use rules::duties::{Actor, Duty, Level, Party, Subject};
use rules::eligibility::{AbsenceTerms, EligibilityRule, PolicyId, Reach};
use rules::facts::Fact;
use toml::de::DeTable;

/// Parts of a pack that the format has names for and this version cannot read yet.
pub const RESERVED: [&str; 6] = [
    "programme",
    "target",
    "rubric",
    "return",
    "pairing",
    "agreement",
];

const WEEKS: [(&str, Weeks); 3] = [
    ("teaching", Weeks::Teaching),
    ("all", Weeks::All),
    ("vacation", Weeks::Vacation),
];

const REACHES: [(&str, Reach); 3] = [
    ("within_township", Reach::WithinTownship),
    ("within_county", Reach::WithinCounty),
    ("beyond_county", Reach::BeyondCounty),
];

/// Facts that depend on how an absence is counted.
const ABSENCE_FACTS: [Fact; 5] = [
    Fact::ParentsAway,
    Fact::AwayMonths,
    Fact::AnyAwayMonths,
    Fact::AwayDays,
    Fact::ParentAtHome,
];

/// Reads a pack that holds from the day of its adoption. What it names is looked up in itself and
/// in the two packs that are always there; `check::together` sees to the rest.
pub fn read(text: &str, file: &str, from: Date) -> Result<Pack, Vec<Fault>> {
    let pack = alone(text, file, from)?;
    let faults = check::references(&pack, file);
    if faults.is_empty() {
        Ok(pack)
    } else {
        Err(faults)
    }
}

/// Reads a pack without looking up what it names elsewhere.
pub(super) fn alone(text: &str, file: &str, from: Date) -> Result<Pack, Vec<Fault>> {
    let page = Page::new(text, file);
    let root = match DeTable::parse(text) {
        Ok(root) => root,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            return Err(vec![page.at(page.line(at), syntax(error.message()))]);
        }
    };
    let whole = Part::new(&page, root.get_ref(), root.span(), "制度包");
    let pack = everything(&whole, &page, from);
    whole.finish();
    let faults = page.into_faults();
    match pack {
        Some(pack) if faults.is_empty() => Ok(pack),
        _ => Err(faults),
    }
}

fn syntax(message: &str) -> String {
    if message.contains("duplicate key") {
        "这一项写了两遍，请删掉一个。".into()
    } else {
        "这一行的写法不对，多半是少了引号、括号或等号，请对照上下几行看一看。".into()
    }
}

fn everything(whole: &Part<'_, '_>, page: &Page<'_>, from: Date) -> Option<Pack> {
    let head = match whole.part("pack") {
        Some(part) => head(&part),
        None => {
            whole.fault("少了开头的[pack]，请写上id、version、title、level和source。".into());
            None
        }
    };
    let named = head.clone().unwrap_or_else(|| Head {
        id: String::new(),
        version: String::new(),
        title: String::new(),
        level: Level::Class,
        source: String::new(),
        about: None,
        needs: Vec::new(),
    });
    let dictionaries: Vec<Dictionary> = whole
        .parts("dictionary", "[[dictionary]]")
        .iter()
        .filter_map(dictionary)
        .collect();
    let forms = whole
        .parts("form", "[[form]]")
        .iter()
        .filter_map(|part| form(part, &named, &dictionaries))
        .collect();
    let eligibility: Vec<Eligibility> = whole
        .parts("eligibility", "[[eligibility]]")
        .iter()
        .filter_map(|part| eligibility(part, &named))
        .collect();
    let duties = whole
        .parts("duty", "[[duty]]")
        .iter()
        .filter_map(|part| duty(part, &named, &eligibility, from))
        .collect();
    let notes = reserved(whole, page);
    Some(Pack {
        head: head?,
        eligibility,
        duties,
        forms,
        dictionaries,
        notes,
    })
}

fn reserved(whole: &Part<'_, '_>, page: &Page<'_>) -> Vec<Fault> {
    RESERVED
        .into_iter()
        .filter(|key| whole.value(key).is_some())
        .map(|key| {
            let sentence = format!("[[{key}]]还不支持，读的时候先跳过；其余部分照常用。");
            page.at(whole.line_of(key), sentence)
        })
        .collect()
}

fn head(part: &Part<'_, '_>) -> Option<Head> {
    let id = part.need_code("id");
    let version = part.need_text("version");
    let title = part.need_text("title");
    let level = word!(part, need_word, "level", Level);
    let source = part.need_text("source");
    let about = part.text("about");
    let needs = part.texts("needs");
    part.finish();
    Some(Head {
        id: id?,
        version: version?,
        title: title?,
        level: level?,
        source: source?,
        about,
        needs,
    })
}

fn policy(head: &Head, id: String) -> PolicyId {
    PolicyId {
        pack: head.id.clone(),
        id,
        version: head.version.clone(),
    }
}

fn absence(part: &Part<'_, '_>) -> Option<AbsenceTerms> {
    let inner = part.part("absence")?;
    let visits = inner.number("visits_up_to_days", 0..=365);
    if !inner.has("visits_up_to_days") {
        inner.fault(
            "absence里少了visits_up_to_days：父母回家不超过几天不算中断，每次都算中断就写0。"
                .into(),
        );
    }
    let at_least = word!(inner, word, "at_least", in REACHES);
    let first_day_counts = inner.yes("first_day_counts").unwrap_or(false);
    inner.finish();
    Some(AbsenceTerms {
        visits_up_to_days: visits?,
        at_least,
        first_day_counts,
    })
}

fn asks_absence(when: &Condition) -> bool {
    when.facts().iter().any(|fact| ABSENCE_FACTS.contains(fact))
}

const ANY_ABSENCE: AbsenceTerms = AbsenceTerms {
    visits_up_to_days: 0,
    at_least: None,
    first_day_counts: false,
};

/// A rule that asks how long parents are away must say how that is counted.
fn absence_for(
    part: &Part<'_, '_>,
    when: Option<&Condition>,
    inherited: Option<AbsenceTerms>,
) -> Option<AbsenceTerms> {
    let stated = absence(part).or(inherited);
    if stated.is_none() && !part.has("absence") && when.is_some_and(asks_absence) {
        part.fault(
            "条件里问到父母外出，请写上怎样算：absence = { visits_up_to_days = 30 }（回家不超过30天不算中断）。"
                .into(),
        );
        return None;
    }
    if part.has("absence") {
        stated
    } else {
        Some(stated.unwrap_or(ANY_ABSENCE))
    }
}

fn eligibility(part: &Part<'_, '_>, head: &Head) -> Option<Eligibility> {
    let id = part.need_code("id");
    let title = part.need_text("title");
    let formal_title = part.text("formal_title");
    let source = part.need_text("source");
    if !part.has("when") {
        part.fault("[[eligibility]]少了when：哪些孩子算在内，例如when = { fact = \"parents_away\", is = \"both\" }。".into());
    }
    let when = part.part("when").and_then(|inner| condition(&inner));
    let absence = absence_for(part, when.as_ref(), None);
    let beside = part.yes("beside").unwrap_or(false);
    part.finish();
    Some(Eligibility {
        rule: EligibilityRule {
            policy: policy(head, id?),
            absence: absence?,
            when: when?,
        },
        title: title?,
        formal_title,
        beside,
        source: source?,
        line: part.line(),
    })
}

fn duty(
    part: &Part<'_, '_>,
    head: &Head,
    eligibility: &[Eligibility],
    from: Date,
) -> Option<PackDuty> {
    let id = part.need_code("id");
    let title = part.need_text("title");
    let source = part.need_text("source");
    let does = part.need_text("does");
    let also = part.texts("also");
    let after = part.texts("after");
    let party = word!(part, need_word, "with", Party);
    let owed_by = word!(part, need_word, "owed_by", Actor);
    let anyone = part.yes("anyone").unwrap_or(false);
    let subject = word!(part, word, "about", Subject).unwrap_or(Subject::Child);
    let counted_by = part.text("counted_by").map(|name| counted(&name, head));
    let when = match part.part("when") {
        Some(inner) => condition(&inner),
        None => Some(Condition::always()),
    };
    let own = counted_by.as_ref().and_then(|policy| {
        let own = eligibility.iter().find(|one| one.rule.policy == *policy);
        own.map(|one| one.rule.absence)
    });
    let absence = absence_for(part, when.as_ref(), own);
    let cadence = needed_cadence(part);
    let vacation = part.part("vacation").map(|inner| cadence_of(&inner));
    let weeks = word!(part, word, "weeks", in WEEKS).unwrap_or(Weeks::Teaching);
    let exact = part.yes("exact").unwrap_or(false);
    let remind_before = part.number("remind_before_days", 0..=60).unwrap_or(3);
    let floor = part.yes("floor").unwrap_or(false);
    part.finish();
    let vacation = match vacation {
        Some(vacation) => Some(vacation?),
        None => None,
    };
    Some(PackDuty {
        duty: Duty {
            policy: policy(head, id?),
            level: head.level,
            floor,
            does: does?,
            also,
            party: party?,
            owed_by: owed_by?,
            anyone,
            subject,
            counted_by,
            when: when?,
            absence: absence?,
            cadence: cadence?,
            vacation,
            weeks,
            exact,
            remind_before,
            from,
        },
        after,
        title: title?,
        source: source?,
        line: part.line(),
    })
}

/// "children" of this pack, or "education:children" of another.
fn counted(name: &str, head: &Head) -> PolicyId {
    match name.split_once(':') {
        // The version in force is looked up when the duty is decided.
        Some((pack, id)) if pack != head.id => PolicyId {
            pack: pack.to_owned(),
            id: id.to_owned(),
            version: String::new(),
        },
        Some((_, id)) => policy(head, id.to_owned()),
        None => policy(head, name.to_owned()),
    }
}

fn needed_cadence(part: &Part<'_, '_>) -> Option<Cadence> {
    if !part.has("cadence") {
        part.value("cadence");
        part.fault(
            "[[duty]]少了cadence：多久一次，例如cadence = { times = 1, per = \"month\" }。".into(),
        );
        return None;
    }
    part.part("cadence").and_then(|inner| cadence_of(&inner))
}
