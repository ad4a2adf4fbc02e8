//! 行政区划: which county the beginning of a written address names, by the six-digit codes of
//! GB/T 2260. Short names are understood where nothing else can be meant: 甘肃定西通渭 says
//! 甘肃省定西市通渭县.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A six-digit code: two digits for the province, two for the city, two for the county.
pub type Code = u32;

/// Cities without counties: what such lists put below them has no code in the standard.
const WITHOUT_COUNTIES: [Code; 3] = [4419, 4420, 4604];
/// Taiwan, Hong Kong and Macao have a code of their own and none below it.
const WITHOUT_CITIES: [Code; 3] = [71, 81, 82];
/// Words that only group counties in the list; nobody writes them in an address.
const GROUPS: [&str; 4] = ["省直辖县", "县", "市辖区", "自治区直辖县级行政区划"];
/// What follows the name of a city in the name of a road.
const ROADS: [char; 6] = ['路', '街', '道', '大', '巷', '里'];
const BETWEEN: [char; 8] = [' ', '\u{3000}', '，', ',', '·', '、', '-', '—'];
/// Endings of the names of provinces, cities and counties, the longest first.
const ENDINGS: [&str; 14] = [
    "壮族自治区",
    "回族自治区",
    "维吾尔自治区",
    "特别行政区",
    "自治区",
    "自治州",
    "自治县",
    "地区",
    "省",
    "市",
    "盟",
    "县",
    "区",
    "旗",
];

/// The table of regions, as a list of codes and names gives it.
#[derive(Clone, Debug, Default)]
pub struct Regions {
    names: BTreeMap<Code, String>,
}

/// What the beginning of an address says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// No region that the table knows, or none at the beginning.
    None,
    /// One region, and what is written after it.
    One { code: Code, rest: String },
    /// Several regions of this name; it takes a province or a city in front to tell them apart.
    Many(Vec<Code>),
}

fn province(code: Code) -> Code {
    code / 10_000
}

fn city(code: Code) -> Code {
    code / 100
}

fn is_city(code: Code) -> bool {
    !is_province(code) && code.is_multiple_of(100)
}

fn is_province(code: Code) -> bool {
    code.is_multiple_of(10_000)
}

/// 甘肃 of 甘肃省; `None` where what is left would be one letter.
fn short(name: &str) -> Option<&str> {
    let ending = ENDINGS.iter().find(|ending| name.ends_with(**ending))?;
    let short = name.strip_suffix(*ending)?;
    (short.chars().count() > 1).then_some(short)
}

/// What follows the name in the text.
fn after<'a>(text: &'a str, name: &str, by_short_name: bool) -> Option<&'a str> {
    match text.strip_prefix(name) {
        Some(rest) => Some(rest),
        None if by_short_name => text.strip_prefix(short(name)?),
        None => None,
    }
}

/// Whether what is left says nothing more, or begins anew.
fn is_apart(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(BETWEEN)
}

/// Between the parts of an address people put blanks, commas and dots.
fn trimmed(text: &str) -> &str {
    text.trim_start_matches(BETWEEN)
}

fn one_of(code: Code, rest: &str) -> Found {
    Found::One {
        code,
        rest: trimmed(rest).to_string(),
    }
}

/// One region, or several of one name that have to be told apart; `None` where there is none.
fn settled(found: &[(Code, &str)]) -> Option<Found> {
    match found {
        [] => None,
        [(code, rest)] => Some(one_of(*code, rest)),
        many => Some(Found::Many(many.iter().map(|(code, _)| *code).collect())),
    }
}

/// Whether a region below the one that was named was found behind it.
fn goes_deeper(found: &Found, named: Code) -> bool {
    match found {
        Found::None => false,
        Found::One { code, .. } => *code != named,
        Found::Many(_) => true,
    }
}

impl Regions {
    /// From lines of a code, a tab and a name. Lines of another kind are passed over; codes that the
    /// standard does not have are left out.
    pub fn from_lines(text: &str) -> Self {
        let known = |code: &Code| {
            let below_city = !code.is_multiple_of(100);
            let made_up = below_city && WITHOUT_COUNTIES.contains(&city(*code));
            let deep = !is_province(*code) && WITHOUT_CITIES.contains(&province(*code));
            (100_000..1_000_000).contains(code) && !made_up && !deep
        };
        let pairs = text.lines().filter_map(|line| {
            let (code, name) = line.split_once('\t')?;
            Some((code.parse().ok().filter(known)?, name.trim().to_string()))
        });
        Self {
            names: pairs.filter(|(_, name)| !name.is_empty()).collect(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Every region with its full name, by its code.
    pub fn all(&self) -> impl Iterator<Item = (Code, String)> {
        let own = self.names.iter();
        let own = own.filter(|(code, name)| !(is_city(**code) && self.is_group(**code, name)));
        own.map(|(code, _)| (*code, self.full_name(*code)))
    }

    /// 甘肃省定西市通渭县; of a municipality 北京市朝阳区. Empty for a code that is not there.
    pub fn full_name(&self, code: Code) -> String {
        let levels = [province(code) * 10_000, city(code) * 100, code];
        let mut parts: Vec<&str> = Vec::new();
        for (at, level) in levels.into_iter().enumerate() {
            let Some(name) = self.names.get(&level) else {
                continue;
            };
            let repeats = levels
                .get(..at)
                .is_some_and(|before| before.contains(&level));
            let is_group = is_city(level) && self.is_group(level, name);
            if !repeats && !is_group {
                parts.push(name);
            }
        }
        parts.concat()
    }

    /// A city that only groups counties, or has the name of its own municipality.
    fn is_group(&self, code: Code, name: &str) -> bool {
        let above = self.names.get(&(province(code) * 10_000));
        GROUPS.contains(&name) || above.is_some_and(|above| above == name)
    }

    /// The regions of one level whose name begins the text, with what follows each.
    fn begun<'a>(
        &self,
        text: &'a str,
        level: impl Fn(Code) -> bool,
        by_short_name: bool,
    ) -> Vec<(Code, &'a str)> {
        let all = self.names.iter().filter(|(code, _)| level(**code));
        let mut found: Vec<(Code, &str)> = all
            .filter_map(|(code, name)| Some((*code, after(text, name, by_short_name)?)))
            .collect();
        // 张家口 before 张家: the longest name is meant.
        found.sort_by_key(|(_, rest)| rest.len());
        let longest = found.first().map_or(0, |(_, rest)| rest.len());
        found.retain(|(_, rest)| rest.len() == longest);
        found
    }

    fn is_real_city(&self, code: Code) -> bool {
        let name = self.names.get(&code);
        is_city(code) && name.is_some_and(|name| !self.is_group(code, name))
    }

    /// Reads the region at the beginning of an address. Whole names go first. A short name counts
    /// only alone, before a blank or a comma, or before a region that lies in it: 兰州路 is a road.
    pub fn read(&self, address: &str) -> Found {
        let text = trimmed(address.trim());
        for by_short_name in [false, true] {
            let provinces = self.begun(text, is_province, by_short_name);
            let cities = self.begun(text, |code| self.is_real_city(code), by_short_name);
            for (code, rest) in provinces.into_iter().chain(cities) {
                let found = self.within(code, rest);
                if !by_short_name || is_apart(rest) || goes_deeper(&found, code) {
                    return found;
                }
            }
        }
        let is_county = |code: Code| !code.is_multiple_of(100);
        settled(&self.begun(text, is_county, false)).unwrap_or(Found::None)
    }

    /// Goes on below a province or a city that was named.
    fn within(&self, code: Code, text: &str) -> Found {
        let text = trimmed(text);
        let is_below = |one: Code| {
            if is_province(code) {
                province(one) == province(code)
            } else {
                city(one) == city(code)
            }
        };
        let own_city = |one: Code| one != code && is_below(one) && self.is_real_city(one);
        let own_county = |one: Code| !one.is_multiple_of(100) && is_below(one);
        for by_short_name in [false, true] {
            if is_province(code) {
                for (one, rest) in self.begun(text, own_city, by_short_name) {
                    let found = self.within(one, rest);
                    // Behind its province a city is meant, unless it names a road.
                    let is_road = rest.starts_with(ROADS);
                    if !by_short_name || !is_road || goes_deeper(&found, one) {
                        return found;
                    }
                }
            }
            let mut counties = self.begun(text, own_county, by_short_name);
            counties.retain(|(_, rest)| !by_short_name || is_apart(rest));
            if let Some(found) = settled(&counties) {
                return found;
            }
        }
        one_of(code, text)
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, Regions};

    const LINES: &str = "110000\t北京市\n110100\t北京市\n110105\t朝阳区\n\
        210000\t辽宁省\n211300\t朝阳市\n211303\t龙城区\n320000\t江苏省\n320100\t南京市\n320106\t鼓楼区\n\
        320300\t徐州市\n320302\t鼓楼区\n410000\t河南省\n410200\t开封市\n410204\t鼓楼区\n419000\t省直辖县\n\
        419001\t济源市\n441900\t东莞市\n441904\t长安镇\n440000\t广东省\n620000\t甘肃省\n620100\t兰州市\n\
        620102\t城关区\n621100\t定西市\n621121\t通渭县\n810000\t香港特别行政区\n810101\t中西区\n\
        650000\t新疆维吾尔自治区\n652800\t巴音郭楞蒙古自治州\n652801\t库尔勒市\nno line\n9\tx\n";

    fn said(text: &str) -> String {
        let regions = Regions::from_lines(LINES);
        match regions.read(text) {
            Found::None => "—".to_string(),
            Found::One { code, rest } => format!("{code} {}|{rest}", regions.full_name(code)),
            Found::Many(codes) => format!("{codes:?}"),
        }
    }

    #[test]
    fn the_beginning_of_an_address_names_its_county() {
        let table = [
            (
                "甘肃省定西市通渭县马营镇3社",
                "621121 甘肃省定西市通渭县|马营镇3社",
            ),
            ("甘肃通渭，马营", "621121 甘肃省定西市通渭县|马营"),
            ("甘肃通渭马营", "—"),
            ("甘肃省通渭马营", "620000 甘肃省|通渭马营"),
            ("北京南路8号", "—"),
            ("北京朝阳门外大街", "—"),
            ("甘肃 定西 通渭", "621121 甘肃省定西市通渭县|"),
            ("通渭县马营镇", "621121 甘肃省定西市通渭县|马营镇"),
            ("定西市马营", "621100 甘肃省定西市|马营"),
            ("兰州", "620100 甘肃省兰州市|"),
            ("兰州城关区雁滩", "620102 甘肃省兰州市城关区|雁滩"),
            ("兰州路5号", "—"),
            ("朝阳村三组", "—"),
            ("石门乡李家湾7号", "—"),
            ("", "—"),
            ("北京朝阳区望京", "110105 北京市朝阳区|望京"),
            ("河南省济源市", "419001 河南省济源市|"),
            ("广东东莞长安镇", "441900 广东省东莞市|长安镇"),
            ("香港中西区", "—"),
            ("香港特别行政区中西区", "810000 香港特别行政区|中西区"),
            (
                "新疆库尔勒",
                "652801 新疆维吾尔自治区巴音郭楞蒙古自治州库尔勒市|",
            ),
            ("甘肃兰州路9号", "—"),
            ("鼓楼区中山路", "[320106, 320302, 410204]"),
            ("江苏鼓楼区", "[320106, 320302]"),
        ];
        for (text, wanted) in table {
            assert_eq!(said(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_full_name_reads_as_itself() {
        let regions = Regions::from_lines(LINES);
        for (code, name) in regions.all() {
            let wanted = Found::One {
                code,
                rest: "马营3号".to_string(),
            };
            assert_eq!(regions.read(&format!("{name}马营3号")), wanted, "{name}");
        }
    }
}
