//! Where a parent works, as a list says it: in whatever words stand in the cell.

use super::text::squeeze;

/// What one cell says of where a parent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkPlace {
    Unsaid,
    AtHome,
    /// Away for work, from all that can be read.
    Away,
    /// Somewhere; near or far is not said.
    Somewhere,
    /// Dead, missing, in prison, gone from the family, or too ill to care: that is no place to work at,
    /// and a person has to say what of it is so (requirements.md B.2).
    Gone,
}

const GONE: [&str; 33] = [
    "已故",
    "去世",
    "过世",
    "病故",
    "亡故",
    "死亡",
    "离世",
    "逝世",
    "不在世",
    "不在了",
    "服刑",
    "坐牢",
    "监狱",
    "羁押",
    "戒毒",
    "失踪",
    "失联",
    "下落不明",
    "离家出走",
    "联系不上",
    "无法联系",
    "改嫁",
    "再婚",
    "离异",
    "离婚",
    "分居",
    "卧病",
    "病重",
    "重病",
    "瘫痪",
    "重残",
    "精神病",
    "精神残疾",
];

const AT_HOME: [&str; 19] = [
    "在家",
    "务农",
    "农民",
    "种地",
    "种田",
    "老家",
    "家里",
    "家中",
    "本村",
    "本组",
    "待业",
    "无业",
    "主妇",
    "全职妈妈",
    "带孩子",
    "带娃",
    "返乡",
    "已回",
    "回来了",
];

/// Words in which a word of the others stands, and which say something else.
const TRADES: [&str; 12] = [
    "家具",
    "家电",
    "家政",
    "家纺",
    "家居",
    "家装",
    "家私",
    "农民工",
    "不在家",
    "没在家",
    "未在家",
    "没有在家",
];

const NEAR: [&str; 10] = [
    "本县", "本地", "本乡", "本镇", "本市", "县内", "县城", "镇上", "乡里", "附近",
];

const FOR_WORK: [&str; 4] = ["务工", "打工", "外出", "外地"];

impl WorkPlace {
    /// Reads the cell.
    pub fn of(said: &str) -> Self {
        let said = squeeze(said);
        let bare = TRADES
            .iter()
            .fold(said.clone(), |said, trade| said.replace(trade, ""));
        let has = |words: &[&str], text: &str| words.iter().any(|word| text.contains(word));
        match said.as_str() {
            "" => Self::Unsaid,
            _ if has(&GONE, &said) => Self::Gone,
            _ if bare == "家" || has(&AT_HOME, &bare) => Self::AtHome,
            _ if has(&FOR_WORK, &said) && !has(&NEAR, &said) => Self::Away,
            _ => Self::Somewhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_from_what_is_no_place() {
        let table = [
            ("", WorkPlace::Unsaid),
            ("在家务农", WorkPlace::AtHome),
            ("务农", WorkPlace::AtHome),
            ("本村", WorkPlace::AtHome),
            ("在老家种地", WorkPlace::AtHome),
            ("在家具厂", WorkPlace::Somewhere),
            ("东莞家具厂打工", WorkPlace::Away),
            ("农民工，深圳", WorkPlace::Somewhere),
            ("广东省深圳市务工", WorkPlace::Away),
            ("本县务工", WorkPlace::Somewhere),
            ("县城超市", WorkPlace::Somewhere),
            ("卧病在家", WorkPlace::Gone),
            ("已故", WorkPlace::Gone),
            ("（ 已 去世 ）", WorkPlace::Gone),
            ("服刑", WorkPlace::Gone),
            ("改嫁", WorkPlace::Gone),
            ("常年不在家", WorkPlace::Somewhere),
            ("在外打工，没在家", WorkPlace::Away),
            ("广东务工，已返乡", WorkPlace::AtHome),
        ];
        for (said, expected) in table {
            assert_eq!(WorkPlace::of(said), expected, "{said}");
        }
    }
}
