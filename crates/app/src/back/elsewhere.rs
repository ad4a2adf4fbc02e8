//! What a line says of things that come from the roster and the card: it does not change them, and
//! says so where it differs.

use super::cells::Heads;
use crate::dossier::known::{Facts, Place, place};
use crate::packs::{Field, Form, Known};

/// What becomes another by itself, or stands before the line already.
fn is_kept(known: Known) -> bool {
    !matches!(
        known,
        Known::Name | Known::Class | Known::Age | Known::CarerAge | Known::CheckedOn
    )
}

fn without_gaps(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_whitespace())
        .collect()
}

/// 爸爸电话和系统里的不一样，这里没有改，要改请到联系卡; empty where nothing differs. A cell without
/// words says nothing: a sheet for handwriting has none.
pub fn elsewhere<'t>(
    facts: &Facts,
    seen: &Form,
    (text, heads): (&dyn Fn(usize) -> &'t str, &Heads<'_>),
) -> String {
    let written: Vec<(Known, &Field, String)> = heads
        .known
        .iter()
        .filter_map(|(at, field)| Some((field.from?, *field, without_gaps(text(*at)))))
        .filter(|(known, field, said)| {
            is_kept(*known) && !said.is_empty() && seen.field(&field.id).is_some()
        })
        .collect();
    let differs: Vec<(Known, &Field)> = written
        .into_iter()
        .filter(|(known, _, said)| {
            // Word says a day in words, Excel in figures.
            let now = [facts.value(*known), facts.in_sheet(*known)];
            let now = now.into_iter().map(Option::unwrap_or_default);
            let mut now = now.chain([facts.on_paper(*known)]);
            !now.any(|now| without_gaps(&now) == *said)
        })
        .map(|(known, field, _)| (known, field))
        .collect();
    said(&differs)
}

fn said(differs: &[(Known, &Field)]) -> String {
    let of = |in_place: Place, where_to: &str| {
        let own = differs
            .iter()
            .filter(|(known, _)| place(*known) == in_place);
        let titles: Vec<&str> = own.map(|(_, field)| field.title.as_str()).collect();
        (!titles.is_empty()).then(|| {
            format!(
                "{}和系统里的不一样，这里没有改。要改，{where_to}。",
                titles.join("、")
            )
        })
    };
    let parts = [
        of(Place::Card, "请到孩子的联系卡里改"),
        of(Place::Home, "请到孩子的“家里的情况”里改"),
        of(
            Place::Names,
            "请到孩子的“改姓名、证件、住址”里改；改不了的，请告诉管名单的老师",
        ),
    ];
    parts.into_iter().flatten().collect()
}
