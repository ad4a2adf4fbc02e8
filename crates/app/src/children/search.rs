//! One box: 汉字, 拼音, 首字母, the last four digits of a phone.
//!
//! The school's names stand in memory, because a name of two characters is too short for any index
//! of trigrams; what the IME has not committed yet (`z'x'm`) is read as typed.

use super::store;
use crate::App;
use crate::db::Conn;
use crate::ids::ChildId;
use crate::web::{Form, Result, Viewer, page};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use pinyin::{ToPinyin, ToPinyinMulti};
use rules::access::Act;
use std::collections::HashMap;

/// Surnames that are read otherwise than the character alone.
const SURNAMES: [(char, &str); 40] = [
    ('单', "shan"),
    ('解', "xie"),
    ('仇', "qiu"),
    ('区', "ou"),
    ('查', "zha"),
    ('翟', "zhai"),
    ('盖', "ge"),
    ('任', "ren"),
    ('曾', "zeng"),
    ('朴', "piao"),
    ('尉', "yu"),
    ('万', "wan"),
    ('缪', "miao"),
    ('乐', "yue"),
    ('员', "yun"),
    ('繁', "po"),
    ('秘', "bi"),
    ('折', "she"),
    ('黑', "he"),
    ('华', "hua"),
    ('纪', "ji"),
    ('宁', "ning"),
    ('薄', "bo"),
    ('召', "shao"),
    ('冼', "xian"),
    ('洗', "xian"),
    ('幺', "yao"),
    ('重', "chong"),
    ('种', "chong"),
    ('祭', "zhai"),
    ('覃', "qin"),
    ('谌', "chen"),
    ('逄', "pang"),
    ('隗', "wei"),
    ('钭', "tou"),
    ('俱', "ju"),
    ('牟', "mu"),
    ('那', "na"),
    ('哈', "ha"),
    ('厍', "she"),
];

/// A name with the ways to spell it.
#[derive(Clone, Debug)]
pub struct Spelling {
    folded: String,
    /// For each character its readings, the likeliest first.
    readings: Vec<Vec<String>>,
}

fn surname_reading(first: char) -> Option<&'static str> {
    SURNAMES
        .iter()
        .find(|(one, _)| *one == first)
        .map(|(_, reading)| *reading)
}

/// Characters of names that the dictionary lacks.
fn rare_reading(one: char) -> Option<&'static str> {
    match one {
        '𠮷' => Some("ji"),
        _ => None,
    }
}

fn readings(at: usize, one: char) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    if at == 0 {
        found.extend(surname_reading(one).map(ToOwned::to_owned));
    }
    found.extend(one.to_pinyin().map(|reading| plain(reading.plain())));
    found.extend(rare_reading(one).map(ToOwned::to_owned));
    if let Some(multi) = one.to_pinyin_multi() {
        found.extend(multi.into_iter().map(|reading| plain(reading.plain())));
    }
    if found.is_empty() {
        found.push(one.to_lowercase().to_string());
    }
    let mut unique: Vec<String> = Vec::new();
    for reading in found {
        if !unique.contains(&reading) {
            unique.push(reading);
        }
    }
    unique
}

/// ü is typed v by most, u by some, and lü, lyu and lu by others.
fn plain(reading: &str) -> String {
    reading.replace('ü', "v")
}

pub fn spelling(name: &str) -> Spelling {
    let folded = rules::identity::fold_name(name);
    let readings = folded
        .chars()
        .enumerate()
        .map(|(at, one)| readings(at, one))
        .collect();
    Spelling { folded, readings }
}

/// Sorts names as a roster does: by the likeliest reading, then by the characters.
pub fn sort_key(name: &str) -> String {
    sort_key_of(&spelling(name))
}

pub fn sort_key_of(spelled: &Spelling) -> String {
    let mut key = sound_of(spelled);
    key.push_str(&spelled.folded);
    key
}

/// How a name sounds, by the likeliest readings.
pub fn sound(name: &str) -> String {
    sound_of(&spelling(name))
}

fn sound_of(spelled: &Spelling) -> String {
    let readings = spelled.readings.iter();
    let likeliest = readings.filter_map(|readings| readings.first());
    likeliest.map(|reading| format!("{reading} ")).collect()
}

/// What was typed, as it is compared: half-width, lower case, without blanks, dots and the
/// apostrophes that an IME shows while composing.
fn typed(text: &str) -> String {
    rules::identity::text::half_width(text)
        .to_lowercase()
        .chars()
        .filter(|one| !one.is_whitespace() && !matches!(one, '\'' | '’' | '·' | '•' | '.'))
        .map(|one| if one == 'ü' { 'v' } else { one })
        .collect()
}

/// How well a query fits: 0 best; `None`: not at all.
fn fit(spelled: &Spelling, query: &str) -> Option<u8> {
    if spelled.folded == query {
        return Some(0);
    }
    if spelled.folded.starts_with(query) {
        return Some(1);
    }
    if spelled.folded.contains(query) {
        return Some(2);
    }
    let rest = &spelled.readings;
    let mut usual = rest.clone();
    if let Some(surname) = usual.first_mut() {
        surname.truncate(1);
    }
    let chars: Vec<char> = spelled.folded.chars().collect();
    if spells(&chars, &usual, query) {
        return Some(3);
    }
    if spells(&chars, rest, query) {
        return Some(4);
    }
    (1..rest.len())
        .any(|at| {
            let tail = rest.get(at..).unwrap_or_default();
            spells(chars.get(at..).unwrap_or_default(), tail, query)
        })
        .then_some(5)
}

/// Whether the query is spelled by the characters from the first on: each by itself, by a whole
/// reading or by its beginning.
fn spells(chars: &[char], readings: &[Vec<String>], query: &str) -> bool {
    if query.is_empty() {
        return true;
    }
    let (Some((one, chars)), Some((own, rest))) = (chars.split_first(), readings.split_first())
    else {
        return false;
    };
    if let Some(tail) = query.strip_prefix(*one)
        && spells(chars, rest, tail)
    {
        return true;
    }
    own.iter()
        .flat_map(|reading| aliases(reading))
        .any(|reading| {
            (1..=reading.len()).rev().any(|length| {
                reading
                    .get(..length)
                    .and_then(|part| query.strip_prefix(part))
                    .is_some_and(|tail| spells(chars, rest, tail))
            })
        })
}

/// Whether a name is meant by what was typed.
pub fn is_meant(name: &str, text: &str) -> bool {
    fit(&spelling(name), &typed(text)).is_some()
}

fn aliases(reading: &str) -> Vec<String> {
    if reading.contains('v') {
        vec![
            reading.to_owned(),
            reading.replace('v', "u"),
            reading.replace('v', "yu"),
        ]
    } else {
        vec![reading.to_owned()]
    }
}

/// A child that was found.
pub struct Hit {
    pub id: ChildId,
    pub name: String,
    pub class: String,
    /// Told only where a name repeats.
    pub born: Option<String>,
}

const MOST_HITS: usize = 8;

/// The viewer's children that fit, best first.
pub async fn hits(
    app: &App,
    conn: &mut Conn,
    viewer: &Viewer,
    text: &str,
) -> Result<Vec<store::Child>> {
    let query = typed(text);
    let letters = query.chars().filter(char::is_ascii).count();
    if query.is_empty() || (letters == query.len() && letters < 2) {
        return Ok(Vec::new());
    }
    let children = store::all_visible(app, conn, viewer, Act::SeeChild).await?;
    if query.len() == 4 && query.chars().all(|one| one.is_ascii_digit()) {
        return by_phone(conn, viewer, &query, &children).await;
    }
    let mut found: Vec<(u8, &store::Child)> = children
        .roster()
        .spelled()
        .filter_map(|(child, spelled)| fit(spelled, &query).map(|rank| (rank, child)))
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    Ok(found.into_iter().map(|(_, child)| child.clone()).collect())
}

/// The last four digits, over the viewer's own scope, opened in memory: no index of a part of a
/// number is kept anywhere.
async fn by_phone(
    conn: &mut Conn,
    viewer: &Viewer,
    last4: &str,
    children: &[store::Child],
) -> Result<Vec<store::Child>> {
    let ids = store::with_phone_ending(conn, viewer, last4).await?;
    Ok(children
        .iter()
        .filter(|child| ids.contains(child.id.as_str()))
        .filter(|child| child.allows(viewer, Act::SeeContacts))
        .take(MOST_HITS)
        .cloned()
        .collect())
}

/// Rows for the list under the box: class always, birth month where a name repeats.
pub fn rows(children: Vec<store::Child>) -> Vec<Hit> {
    let mut names: HashMap<String, usize> = HashMap::new();
    for child in &children {
        *names.entry(child.name.clone()).or_default() += 1;
    }
    children
        .into_iter()
        .take(MOST_HITS)
        .map(|child| Hit {
            class: child.class_title(),
            born: child
                .born_on
                .filter(|_| names.get(&child.name).copied().unwrap_or_default() > 1)
                .map(|born| format!("{}年{}月生", born.year(), born.month())),
            id: child.id,
            name: child.name,
        })
        .collect()
}

#[derive(Template)]
#[template(path = "children/hits.html")]
struct HitsPage {
    query: String,
    hits: Vec<Hit>,
}

/// `GET /find`: what htmx puts under the box.
pub async fn find(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let query = fields.get("q").to_owned();
    let mut conn = app.db.read().await?;
    let found = hits(&app, &mut conn, &viewer, &query).await?;
    page(&HitsPage {
        query,
        hits: rows(found),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn finds(name: &str, query: &str) {
        assert!(
            fit(&spelling(name), &typed(query)).is_some(),
            "{query} → {name}"
        );
    }

    #[track_caller]
    fn misses(name: &str, query: &str) {
        assert!(
            fit(&spelling(name), &typed(query)).is_none(),
            "{query} → {name}"
        );
    }

    #[test]
    fn a_name_is_found_as_it_is_typed() {
        for query in [
            "zxm",
            "zhangxm",
            "ZXM",
            "张",
            "小明",
            "z'x'm",
            "小m",
            "ｚｘｍ",
            "xiaoming",
        ] {
            finds("张小明", query);
        }
        finds("单雪梅", "sxm");
        finds("解小满", "xxm");
        finds("区小明", "oxm");
        finds("吕小明", "lvxm");
        finds("吕小明", "luxm");
        finds("阿依古丽·买买提", "ayglmmt");
        finds("阿依古丽·买买提", "买买提");
        finds("𠮷田", "𠮷");
        misses("张小明", "zxl");
        misses("张小明", "李");
    }

    #[test]
    fn the_usual_reading_of_a_surname_comes_first() {
        let rank = |name: &str| fit(&spelling(name), "zxm");
        assert!(rank("张小明") <= rank("查小明"));
        assert!(fit(&spelling("单雪梅"), "sxm") < fit(&spelling("单雪梅"), "dxm").or(Some(9)));
    }

    #[test]
    fn names_sort_by_pinyin() {
        let mut names = ["张小明", "陈浩", "李思雨", "单雪梅"];
        names.sort_by_cached_key(|name| sort_key(name));
        assert_eq!(names, ["陈浩", "李思雨", "单雪梅", "张小明"]);
    }
}
