//! `pack facts | check | adopt | end | try`.

use super::people::person;
use super::{Done, complain, open, say, sentence, sql};
use crate::App;
use crate::adoptions::store;
use crate::config::{Pack as Command, Place};
use crate::ids::OperationId;
use crate::journal::{self, Entry, Kind};
use crate::packs::check::{ALWAYS, beside_the_floor, together};
use crate::packs::shipped::shipped;
use crate::packs::{Pack, attempt, case, read};
use crate::web::{Failure, Viewer};
use jiff::civil::Date;
use rules::facts::{Fact, FactType};
use std::fs;
use std::path::Path;

pub async fn run(command: Command) -> Done {
    match command {
        Command::Facts => {
            facts();
            Ok(())
        }
        Command::Forms { data } => super::print::forms(data).await,
        Command::Check { files } => check(&files),
        Command::Adopt {
            pack,
            place,
            username,
            from,
        } => adopt(&pack, &place, &username, from).await,
        Command::End {
            pack,
            place,
            username,
            from,
        } => end(&pack, &place, &username, from).await,
        Command::Try {
            packs,
            case,
            from,
            to,
        } => attempt_case(&packs, &case, from, to),
    }
}

/// Somebody who may say which packs hold.
async fn who_decides(app: &App, username: &str) -> Result<Viewer, String> {
    let viewer = person(app, username).await?;
    if viewer.ever(rules::access::Act::AdoptPack) {
        Ok(viewer)
    } else {
        Err(format!(
            "{username}不能定约定，请用校长或系统管理员的账号。"
        ))
    }
}

async fn end(pack: &str, place: &Place, username: &str, from: Option<Date>) -> Done {
    let app = open(place).await?;
    let viewer = who_decides(&app, username).await?;
    let from = from.unwrap_or(viewer.today());
    in_time(from, viewer.today())?;
    let mut tx = app.db.write(&viewer.school_id).await.map_err(sql)?;
    store::end_here(&mut tx, &viewer.school_id, pack, from)
        .await
        .map_err(|failure| match failure {
            Failure::NotThere => format!(
                "{}没有在用“{pack}”，或者它是每所学校都有的，不能停用。",
                viewer.school_name
            ),
            other => sentence(&other),
        })?;
    let operation = OperationId::new();
    let entry = Entry {
        operation: &operation,
        kind: Kind::PackEnded,
        subject_kind: "pack",
        subject_id: pack,
        payload: &from.to_string(),
        result: "",
    };
    let noted = journal::record(&mut tx, &viewer.actor(), &entry).await;
    noted.map_err(sql)?;
    tx.commit().await.map_err(sql)?;
    say(&format!("“{pack}”从{from}起在{}停用。", viewer.school_name));
    Ok(())
}

async fn adopt(pack: &str, place: &Place, username: &str, from: Option<Date>) -> Done {
    let app = open(place).await?;
    let viewer = who_decides(&app, username).await?;
    let from = from.unwrap_or(viewer.today());
    let text = text(pack)?;
    let read = parse(&text, pack, from)?;
    reserved(&read, &text)?;
    in_time(from, viewer.today())?;
    for note in beside_the_floor(&read, pack) {
        complain(&note.to_string());
    }
    fits(&app, &viewer, (&read, pack), from).await?;
    let mut tx = app.db.write(&viewer.school_id).await.map_err(sql)?;
    let by = viewer.staff_id.as_str();
    store::adopt(&mut tx, &viewer.school_id, (&read, &text), from, by)
        .await
        .map_err(sql)?;
    journal::record(
        &mut tx,
        &viewer.actor(),
        &Entry {
            operation: &OperationId::new(),
            kind: Kind::PackAdopted,
            subject_kind: "pack",
            subject_id: &read.head.id,
            payload: &read.head.version,
            result: "",
        },
    )
    .await
    .map_err(sql)?;
    tx.commit().await.map_err(sql)?;
    say(&format!(
        "《{}》从{from}起在{}用。",
        read.head.title, viewer.school_name
    ));
    Ok(())
}

/// The packs that are always there are nobody else's.
fn reserved(pack: &Pack, text: &str) -> Done {
    let own = shipped().iter().find(|(id, _)| *id == pack.head.id);
    let is_always = ALWAYS.contains(&pack.head.id.as_str());
    match own {
        Some((id, shipped)) if is_always && *shipped != text => {
            Err(format!("id“{id}”是自带的、一直在用的约定，请换一个id。"))
        }
        _ => Ok(()),
    }
}

/// A year that was mistyped would move every answer.
fn in_time(from: Date, today: Date) -> Done {
    let years = i32::from(from.year()) - i32::from(today.year());
    if (-20..=1).contains(&years) {
        return Ok(());
    }
    Err(format!(
        "--from写的{from}离今天太远。从20年前到明年都可以，看看年份对不对。"
    ))
}

/// What `pack check` would say of it beside the packs that the school has.
async fn fits(app: &App, viewer: &Viewer, (pack, file): (&Pack, &str), from: Date) -> Done {
    let mut conn = app.db.read().await.map_err(sql)?;
    let held = store::in_force(app, &mut conn, &viewer.school_id, from);
    let held = held.await.map_err(sql)?;
    let beside = held.packs.iter().filter(|one| one.head.id != pack.head.id);
    let packs: Vec<Pack> = beside.chain([pack]).cloned().collect();
    let names = packs.iter().map(|one| one.head.id.as_str());
    let names: Vec<&str> = names
        .map(|id| if id == pack.head.id { file } else { id })
        .collect();
    let faults = together(&packs, &names).into_iter();
    let own = faults.filter(|fault| fault.file == file);
    let lines: Vec<String> = own.map(|fault| fault.to_string()).collect();
    if lines.is_empty() {
        Ok(())
    } else {
        Err(lines.join("\n"))
    }
}

fn facts() {
    for fact in Fact::ALL {
        let kind = match fact.kind() {
            FactType::Number => "number".to_owned(),
            FactType::YesNo => "yes/no".to_owned(),
            FactType::Day => "date".to_owned(),
            FactType::Choice(words) => words.join("|"),
        };
        say(&format!(
            "{}\t{kind}\t{}\t{}",
            fact.code(),
            fact.zh(),
            fact.meaning()
        ));
    }
}

/// A shipped pack by its id, or a file.
fn text(pack: &str) -> Result<String, String> {
    if let Some((_, text)) = shipped().iter().find(|(id, _)| *id == pack) {
        return Ok((*text).to_owned());
    }
    fs::read_to_string(pack).map_err(|error| {
        format!(
            "没有自带的约定“{pack}”，也读不了这个文件：{}。自带的有：{}",
            super::system(&error),
            known()
        )
    })
}

fn known() -> String {
    let ids: Vec<&str> = shipped().iter().map(|(id, _)| *id).collect();
    ids.join("、")
}

fn parse(text: &str, file: &str, from: Date) -> Result<Pack, String> {
    read::read(text, file, from).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })
}

fn check(files: &[std::path::PathBuf]) -> Done {
    let mut faulty = 0;
    let (mut packs, mut names) = (Vec::new(), Vec::new());
    for file in files {
        let name = file.display().to_string();
        let text = fs::read_to_string(file)
            .map_err(|error| format!("{name}读不了：{}", super::system(&error)))?;
        match read::read(&text, &name, Date::MIN) {
            Ok(pack) => {
                reserved(&pack, &text)?;
                let beside = beside_the_floor(&pack, &name);
                for note in pack.notes.iter().chain(&beside) {
                    complain(&note.to_string());
                }
                say(&format!(
                    "{name}: 好的。口径{}个，约定{}条，表{}张，字典{}个。",
                    pack.eligibility.len(),
                    pack.duties.len(),
                    pack.forms.len(),
                    pack.dictionaries.len()
                ));
                packs.push(pack);
                names.push(name);
            }
            Err(faults) => {
                faulty += faults.len();
                for fault in faults {
                    complain(&fault.to_string());
                }
            }
        }
    }
    let faults = among(packs, names);
    for fault in &faults {
        complain(&fault.to_string());
    }
    faulty += faults.len();
    if faulty > 0 {
        return Err(format!("共{faulty}处要改。"));
    }
    Ok(())
}

/// What packs have with each other, the shipped ones that were not given among them.
fn among(mut packs: Vec<Pack>, mut names: Vec<String>) -> Vec<crate::packs::Fault> {
    for (id, _) in shipped() {
        if packs.iter().any(|pack| pack.head.id == *id) {
            continue;
        }
        if let Some(Ok(pack)) = crate::packs::shipped::pack(id, Date::MIN) {
            packs.push(pack);
            names.push(format!("packs/{id}.toml"));
        }
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    together(&packs, &names)
}

fn attempt_case(names: &[String], file: &Path, from: Date, to: Date) -> Done {
    let mut packs = Vec::new();
    for name in names {
        packs.push(parse(&text(name)?, name, Date::MIN)?);
    }
    let json = fs::read_to_string(file)
        .map_err(|error| format!("{}读不了：{}", file.display(), super::system(&error)))?;
    let name = file.display().to_string();
    let case = case::read(&json, &name).map_err(|fault| fault.to_string())?;
    if let Some(fault) = attempt::range_fault(from, to) {
        return Err(fault);
    }
    let calendar = case.calendar().unwrap_or_else(|| usual_calendar(from, to));
    let answer = attempt::attempt(&packs, &case, from, to, &calendar);
    say(&serde_json::to_string_pretty(&answer).map_err(|error| error.to_string())?);
    Ok(())
}

/// A usual school calendar around the asked days, for a case that brings none of its own: the
/// first term from 1 September to mid-January, the second from the first Monday of March to early
/// July, with the country's days off.
fn usual_calendar(from: Date, to: Date) -> rules::calendar::Calendar {
    crate::school::calendar::usual(from.year() - 1..=to.year())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::School;
    use axum::http::StatusCode;

    /// What `pack check` refuses is not taken into use either.
    #[tokio::test]
    async fn a_field_that_would_lose_what_a_page_says_is_refused() {
        let school = School::sqlite().await;
        let viewer = person(&school.app, "xiaozhang").await.unwrap();
        let from = viewer.today();
        let text = text("p1").unwrap();
        let taken = text.replace("id = \"budget_yuan\"", "id = \"operation\"");
        for (text, is_refused) in [(text, false), (taken, true)] {
            let pack = parse(&text, "own.toml", from).unwrap();
            let found = fits(&school.app, &viewer, (&pack, "own.toml"), from).await;
            let said = found.err().unwrap_or_default();
            assert_eq!(said.contains("“operation”这个id"), is_refused, "{said}");
            assert_eq!(said.is_empty(), !is_refused, "{said}");
        }
    }

    /// What a county wrote itself is seen and ended like what comes with the program.
    #[tokio::test]
    async fn a_pack_from_a_file_is_seen_and_ended() {
        let school = School::sqlite().await;
        let principal = school.sign_in("xiaozhang").await;
        let viewer = person(&school.app, "xiaozhang").await.unwrap();
        let today = viewer.today();
        let text = text("p4").unwrap();
        let text = text.replacen("id = \"p4\"", "id = \"county\"", 1);
        let pack = parse(&text, "county.toml", today).unwrap();
        let adopted = async |from: Date| {
            let mut tx = school.app.db.write(&viewer.school_id).await.unwrap();
            let own = (&pack, text.as_str());
            store::adopt(&mut tx, &viewer.school_id, own, from, "x")
                .await
                .unwrap();
            tx.commit().await.unwrap();
            school.app.memory.forget(&viewer.school_id);
        };
        let path = "/office/packs";
        let end = || format!("operation={}&pack=county&do=end", OperationId::new());
        let none = principal.post(path, &end()).await;
        none.is(StatusCode::NOT_FOUND);
        adopted(today.saturating_add(jiff::ToSpan::days(7))).await;
        principal.get(path).await.says("还没开始").says("起用");
        adopted(today).await;
        principal.get(path).await.says("value=\"county\"");
        principal.post(path, &end()).await.is(StatusCode::SEE_OTHER);
        principal.get(path).await.hides("value=\"county\"");
        let law = format!("operation={}&pack=law&do=end", OperationId::new());
        principal.post(path, &law).await.is(StatusCode::NOT_FOUND);
    }

    #[test]
    fn a_reserved_name_and_a_mistyped_year_are_refused() {
        let today = jiff::civil::date(2025, 9, 30);
        let own = text("law").unwrap();
        let pack = parse(&own, "law", today).unwrap();
        assert!(reserved(&pack, &own).is_ok());
        let said = reserved(&pack, &format!("{own}\n")).unwrap_err();
        assert!(said.contains("“law”"), "{said}");
        for (year, is_fine) in [
            (2025, true),
            (2026, true),
            (2010, true),
            (1850, false),
            (2031, false),
        ] {
            let from = jiff::civil::date(year, 9, 1);
            assert_eq!(in_time(from, today).is_ok(), is_fine, "{year}");
        }
    }
}
