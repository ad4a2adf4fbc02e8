//! 想请您看一眼: the rows, and where each leads.

use super::items::{self, Week};
use super::pages::{FOLD_FROM, Name, Row};
use super::wording;
use crate::children::store::is_asked_for;
use rules::attention::Attention;

/// Children about whom the same has to be asked are one row.
pub fn look_rows(week: &Week) -> Vec<Row> {
    let asks = |look: &&items::Look| matches!(look.why, Attention::Ask { .. });
    let asked: Vec<&items::Look> = week.looks.iter().filter(asks).collect();
    let others = week.looks.iter().filter(|look| !asks(look));
    let mut rows: Vec<Row> = others.map(look_row).collect();
    let fold = asked.len() >= FOLD_FROM;
    rows.extend(asked.iter().filter(|_| !fold).map(|look| look_row(look)));
    if let Some(first) = asked.first().filter(|_| fold) {
        let mut row = look_row(first);
        row.title = format!("{}个孩子家里的情况想问一问", asked.len());
        row.why = std::mem::take(&mut row.sub);
        row.names = asked
            .iter()
            .map(|look| Name {
                name: look.case.child.name.clone(),
                href: format!("/children/{}/home", look.case.child.id),
            })
            .collect();
        rows.push(row);
    }
    rows
}

fn look_row(look: &items::Look) -> Row {
    let (title, sub, chip) = wording::look(&look.case, &look.why);
    let id = &look.case.child.id;
    let href = match &look.why {
        Attention::CheckCard { number, .. } => {
            let kin = look.case.kin.get(*number);
            let at = kin.map_or_else(String::new, |kin| format!("#kin-{}", kin.id));
            format!("/children/{id}/card{at}")
        }
        Attention::NumberDead => {
            let mut kin = look.case.kin.iter();
            let bad = kin.find(|kin| is_asked_for(&kin.phone_state));
            let at = bad.map_or_else(String::new, |kin| format!("#kin-{}", kin.id));
            format!("/children/{id}/card{at}")
        }
        Attention::CardTold => format!("/children/{id}/card"),
        Attention::CarerIsAChild { .. }
        | Attention::ParentSilent { .. }
        | Attention::NobodyRaises => {
            format!("/children/{id}")
        }
        Attention::Ask { .. } | Attention::LivesAlone { .. } => format!("/children/{id}/home"),
    };
    Row {
        glyph: match &look.why {
            Attention::CheckCard { .. } | Attention::NumberDead | Attention::CardTold => "卡",
            Attention::LivesAlone { .. }
            | Attention::NobodyRaises
            | Attention::CarerIsAChild { .. }
            | Attention::ParentSilent { .. }
            | Attention::Ask { .. } => "家",
        }
        .to_owned(),
        title,
        sub,
        href,
        chip: chip.to_owned(),
        tint: "info",
        why: String::new(),
        names: Vec::new(),
    }
}
