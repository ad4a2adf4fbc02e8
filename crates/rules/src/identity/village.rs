//! The village in a written address, so that visits can be made place by place.

/// What ends the name of a county or a city; 社区 is not a 区.
const COUNTIES: [char; 4] = ['县', '市', '区', '旗'];
const TOWNSHIPS: [&str; 4] = ["街道", "苏木", "乡", "镇"];
const VILLAGES: [&str; 4] = ["社区", "嘎查", "居委会", "村"];
const HOUSE_UNITS: [char; 9] = ['组', '号', '社', '队', '栋', '屋', '户', '弄', '路'];
const NUMERALS: &str = "零一二三四五六七八九十百";

/// The village of an address as people write it: 石门乡李家湾3组12号 → 李家湾. `None` where the text
/// names none below the township; the address itself is never changed.
///
/// Source: P3 line 54 (集体家访) and line 67, P5 line 101 (走访): one way serves several homes.
pub fn village(address: &str) -> Option<&str> {
    let below = below_township(below_county(address.trim()));
    let end = VILLAGES
        .iter()
        .filter_map(|word| {
            below
                .find(word)
                .filter(|at| *at > 0)
                .map(|at| at + word.len())
        })
        .min()
        .unwrap_or_else(|| before_house(below));
    let name = below.get(..end)?.trim_matches([' ', '，', ',', '、']);
    (!name.is_empty()).then_some(name)
}

/// Neighbours stand beside each other when addresses are sorted by this: the text before the first
/// number, then the number itself, so that house 9 comes before house 13.
pub fn along_the_way(address: &str) -> (&str, u64, &str) {
    let from = address.find(|one: char| one.is_ascii_digit());
    let (before, rest) = address.split_at(from.unwrap_or(address.len()));
    let end = rest.find(|one: char| !one.is_ascii_digit());
    let (number, after) = rest.split_at(end.unwrap_or(rest.len()));
    (before, number.parse().unwrap_or(u64::MAX), after)
}

fn below_county(address: &str) -> &str {
    let mut ends = address.char_indices().filter(|(at, one)| {
        let is_community =
            *one == '区' && address.get(..*at).is_some_and(|all| all.ends_with('社'));
        *at > 0 && COUNTIES.contains(one) && !is_community
    });
    let last = ends.next_back().map(|(at, one)| at + one.len_utf8());
    last.and_then(|from| address.get(from..)).unwrap_or(address)
}

/// 城关镇镇东村 lies in 城关镇: the first word that can end a township does.
fn below_township(address: &str) -> &str {
    let ends = TOWNSHIPS.iter().filter_map(|word| {
        let (at, found) = address.match_indices(word).find(|(at, _)| *at > 0)?;
        Some(at + found.len())
    });
    ends.min()
        .and_then(|from| address.get(from..))
        .unwrap_or(address)
}

/// Where the number of a house or a group begins.
fn before_house(text: &str) -> usize {
    let starts_number = |(at, one): &(usize, char)| {
        if one.is_numeric() && !NUMERALS.contains(*one) {
            return true;
        }
        let rest = text.get(*at..).unwrap_or_default();
        let unit = rest
            .trim_start_matches(|one| NUMERALS.contains(one))
            .chars()
            .next();
        NUMERALS.contains(*one) && unit.is_some_and(|unit| HOUSE_UNITS.contains(&unit))
    };
    text.char_indices()
        .find(starts_number)
        .map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_village_is_found_as_people_write_it() {
        for (address, name) in [
            ("石门乡李家湾3组12号", Some("李家湾")),
            ("石门乡李家湾三组", Some("李家湾")),
            ("石门乡白岩村7号", Some("白岩村")),
            ("湖南省石门县城关镇镇东村5组", Some("镇东村")),
            ("江西省景德镇市昌江区鲇鱼山镇三家村", Some("三家村")),
            ("青石镇阳光社区3栋201", Some("阳光社区")),
            ("科右中旗巴彦苏木哈日嘎查", Some("哈日嘎查")),
            ("李家湾", Some("李家湾")),
            ("  石门乡　", None),
            ("石门乡", None),
            ("12号", None),
            ("", None),
        ] {
            assert_eq!(village(address), name, "{address}");
        }
    }

    #[test]
    fn houses_stand_in_the_order_of_their_numbers() {
        let mut way = [
            "李家湾13号",
            "白岩村2号",
            "李家湾",
            "李家湾9号",
            "李家湾9号旁边",
        ];
        way.sort_by_key(|address| along_the_way(address));
        let sorted = [
            "李家湾9号",
            "李家湾9号旁边",
            "李家湾13号",
            "李家湾",
            "白岩村2号",
        ];
        assert_eq!(way, sorted);
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_what_is_found_stands_in_it(text in "\\PC{0,40}") {
            if let Some(found) = village(&text) {
                prop_assert!(!found.is_empty() && text.contains(found));
            }
        }
    }
}
