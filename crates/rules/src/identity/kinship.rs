//! What an adult is to the child: 关系 in rosters, in the many words that families use.

use alloc::string::String;

use super::text::{half_width, squeeze};

/// How near a kinship is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Circle {
    Parent,
    Grandparent,
    AuntOrUncle,
    Sibling,
    OtherRelative,
    NotKin,
}

macro_rules! kinships {
    ($($variant:ident $code:literal $circle:ident $word:literal [$($seen:literal)*];)*) => {
        /// The relation of an adult to a child. `Other` keeps the word of the roster.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kinship {
            $($variant,)*
            Other(String),
        }

        impl Kinship {
            /// All but `Other`, in the order in which a form offers them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name under which it is stored; that of `Other` does not hold its word.
            pub fn code(&self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Other(_) => OTHER,
                }
            }

            /// The word of the child's family, as its pages show it.
            pub fn word(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)*
                    Self::Other(word) if word.is_empty() => "其他",
                    Self::Other(word) => word,
                }
            }

            fn circle(&self) -> Circle {
                match self {
                    $(Self::$variant => Circle::$circle,)*
                    Self::Other(_) => Circle::NotKin,
                }
            }

            fn of_word(word: &str) -> Option<Self> {
                match word {
                    $($word $(| $seen)* => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

const OTHER: &str = "other";

kinships! {
    Father "father" Parent "爸爸" ["父亲" "父" "爸" "爹" "老爸" "阿爸" "生父" "亲生父亲"];
    Mother "mother" Parent "妈妈" ["母亲" "母" "妈" "娘" "老妈" "阿妈" "生母" "亲生母亲"];
    Parent "parent" Parent "爸爸妈妈" ["父母" "双亲" "父母亲" "父亲母亲"];
    Stepfather "stepfather" Parent "继父" ["后爸" "后爹" "继爸"];
    Stepmother "stepmother" Parent "继母" ["后妈" "后娘" "继妈"];
    AdoptiveFather "adoptive_father" Parent "养父" [];
    AdoptiveMother "adoptive_mother" Parent "养母" [];
    PaternalGrandfather "paternal_grandfather" Grandparent "爷爷" ["祖父" "亲爷爷"];
    PaternalGrandmother "paternal_grandmother" Grandparent "奶奶" ["祖母" "亲奶奶"];
    MaternalGrandfather "maternal_grandfather" Grandparent "外公" ["外祖父" "姥爷" "姥公" "外爷" "家公"];
    MaternalGrandmother "maternal_grandmother" Grandparent "外婆" ["外祖母" "姥姥" "姥娘" "外奶" "家婆"];
    Grandparent "grandparent" Grandparent "祖辈"
        ["祖父母" "外祖父母" "祖父母或外祖父母" "祖父母外祖父母" "祖父母、外祖父母" "祖父母/外祖父母"
         "爷爷奶奶" "外公外婆" "姥姥姥爷" "姥爷姥姥" "阿公" "阿婆" "公公" "婆婆" "隔代"];
    GreatGrandparent "great_grandparent" OtherRelative "曾祖辈"
        ["曾祖父" "曾祖母" "曾祖父母" "太爷爷" "太奶奶" "太公" "太婆" "外曾祖父" "外曾祖母" "老太"];
    FathersElderBrother "fathers_elder_brother" AuntOrUncle "伯父" ["伯伯" "伯" "大伯" "阿伯"];
    FathersElderBrothersWife "fathers_elder_brothers_wife" AuntOrUncle "伯母" ["伯娘"];
    FathersYoungerBrother "fathers_younger_brother" AuntOrUncle "叔叔" ["叔父" "叔" "阿叔" "幺爸"];
    FathersYoungerBrothersWife "fathers_younger_brothers_wife" AuntOrUncle "婶婶" ["婶" "婶母" "婶娘" "婶子" "叔母"];
    FathersSister "fathers_sister" AuntOrUncle "姑姑" ["姑妈" "姑母" "姑" "阿姑"];
    FathersSistersHusband "fathers_sisters_husband" AuntOrUncle "姑父" ["姑夫" "姑丈" "姑爹"];
    MothersBrother "mothers_brother" AuntOrUncle "舅舅" ["舅父" "舅" "阿舅"];
    MothersBrothersWife "mothers_brothers_wife" AuntOrUncle "舅妈" ["舅母" "妗子" "舅娘"];
    MothersSister "mothers_sister" AuntOrUncle "姨妈" ["姨母" "姨" "姨娘" "姨姨"];
    MothersSistersHusband "mothers_sisters_husband" AuntOrUncle "姨父" ["姨夫" "姨丈" "姨爹"];
    ElderBrother "elder_brother" Sibling "哥哥" ["哥" "兄" "兄长" "胞兄"];
    ElderSister "elder_sister" Sibling "姐姐" ["姐" "姊" "姊姊" "胞姐"];
    YoungerBrother "younger_brother" Sibling "弟弟" ["弟" "胞弟"];
    YoungerSister "younger_sister" Sibling "妹妹" ["妹" "胞妹"];
    Sibling "sibling" Sibling "兄弟姐妹" ["兄弟" "姐妹" "姐弟" "兄妹" "其他兄弟姐妹"];
    SistersHusband "sisters_husband" OtherRelative "姐夫" ["姊夫"];
    BrothersWife "brothers_wife" OtherRelative "嫂子" ["嫂嫂" "嫂" "大嫂"];
    Cousin "cousin" OtherRelative "堂表兄弟姐妹"
        ["表哥" "表姐" "表弟" "表妹" "堂哥" "堂姐" "堂弟" "堂妹" "表兄" "堂兄" "堂兄弟姐妹" "表兄弟姐妹"];
    Relative "relative" OtherRelative "亲戚" ["亲属" "其他亲属" "其他亲戚" "其它亲属" "其它亲戚" "近亲属"];
    Neighbour "neighbour" NotKin "邻居" ["邻里" "左邻右舍" "乡邻"];
    Friend "friend" NotKin "朋友" ["父母的朋友" "父母朋友" "家长朋友" "朋友家"];
    Teacher "teacher" NotKin "老师" ["教师" "班主任"];
}

impl Kinship {
    /// Reads the word of a roster; an unknown one is kept as it is. `None` when there is none.
    pub fn parse(text: &str) -> Option<Self> {
        let word = squeeze(&half_width(text));
        if word.is_empty() {
            return None;
        }
        Some(
            Self::of_word(&word)
                .or_else(|| Self::numbered(&word))
                .unwrap_or(Self::Other(word)),
        )
    }

    /// `Other` comes back without its word, which the caller has beside the code.
    pub fn from_code(code: &str) -> Option<Self> {
        if code == OTHER {
            return Some(Self::Other(String::new()));
        }
        Self::ALL.iter().find(|kin| kin.code() == code).cloned()
    }

    /// 二叔, 小姨, 大哥; 表叔 and 堂姑 are relatives further off. Only aunts, uncles and siblings are
    /// counted so: 大妈 and 小妈 are not the mother.
    fn numbered(word: &str) -> Option<Self> {
        let mut chars = word.chars();
        let first = chars.next()?;
        let kin = Self::of_word(chars.as_str())?;
        match kin.circle() {
            Circle::AuntOrUncle | Circle::Sibling => {}
            Circle::Parent | Circle::Grandparent | Circle::OtherRelative | Circle::NotKin => {
                return None;
            }
        }
        match first {
            '大' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '小' | '幺' | '老' | '亲' => {
                Some(kin)
            }
            '表' | '堂' => Some(Self::Relative),
            _ => None,
        }
    }

    /// Father or mother, also by marriage or adoption (民法典 §1072, §1111).
    pub fn is_parent(&self) -> bool {
        self.circle() == Circle::Parent
    }

    /// 祖父母 or 外祖父母: the carer of 隔代监护.
    pub fn is_grandparent(&self) -> bool {
        self.circle() == Circle::Grandparent
    }

    /// Of the family by blood, marriage or adoption, parents included. An unknown word is none.
    pub fn is_relative(&self) -> bool {
        self.circle() != Circle::NotKin
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn rosters_name_kin_in_many_words() {
        #[track_caller]
        fn check(words: &str, expected: &Kinship) {
            for word in words.split_whitespace() {
                assert_eq!(Kinship::parse(word).as_ref(), Some(expected), "{word}");
            }
        }
        check("父亲 爸爸 父", &Kinship::Father);
        check("母亲 妈妈 母", &Kinship::Mother);
        check("继父", &Kinship::Stepfather);
        check("继母 后妈", &Kinship::Stepmother);
        check("祖父 爷爷", &Kinship::PaternalGrandfather);
        check("祖母 奶奶", &Kinship::PaternalGrandmother);
        check("外祖父 外公 姥爷", &Kinship::MaternalGrandfather);
        check("外祖母 外婆 姥姥", &Kinship::MaternalGrandmother);
        check("祖父母 祖父母或外祖父母 爷爷奶奶", &Kinship::Grandparent);
        check("姑姑 姑妈 大姑 二姑妈", &Kinship::FathersSister);
        check("伯父 伯伯 大伯 二伯", &Kinship::FathersElderBrother);
        check("叔叔 二叔 小叔 幺叔", &Kinship::FathersYoungerBrother);
        check("舅舅 大舅 老舅", &Kinship::MothersBrother);
        check("姨妈 小姨 大姨", &Kinship::MothersSister);
        check("哥哥 大哥 亲哥哥", &Kinship::ElderBrother);
        check("姐姐 二姐", &Kinship::ElderSister);
        check("表哥 堂姐", &Kinship::Cousin);
        check("表叔 堂姑 亲戚", &Kinship::Relative);
        check("邻居", &Kinship::Neighbour);
    }

    #[test]
    fn spaces_do_not_matter_and_nothing_is_nobody() {
        assert_eq!(
            Kinship::parse(" 奶 奶\u{3000}"),
            Some(Kinship::PaternalGrandmother)
        );
        assert_eq!(Kinship::parse(" \u{200B}"), None);
    }

    #[test]
    fn an_unknown_word_is_kept() {
        #[track_caller]
        fn check(word: &str) {
            let kin = Kinship::parse(word).unwrap();
            assert_eq!(kin, Kinship::Other(word.into()));
            assert_eq!(kin.word(), word);
            assert!(!kin.is_relative());
        }
        check("干妈");
        check("大妈");
        check("小妈");
        check("大爷");
        check("本人");
        check("大");
    }

    #[test]
    fn every_word_and_code_leads_back() {
        let mut codes = BTreeSet::new();
        for kin in Kinship::ALL {
            assert_eq!(Kinship::parse(kin.word()).as_ref(), Some(kin));
            assert_eq!(Kinship::from_code(kin.code()).as_ref(), Some(kin));
            assert!(codes.insert(kin.code()), "{}", kin.code());
            assert!(
                kin.code()
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '_')
            );
        }
        assert!(!codes.contains("other"));
        assert_eq!(
            Kinship::from_code("other"),
            Some(Kinship::Other(String::new()))
        );
        assert_eq!(Kinship::from_code("other").unwrap().word(), "其他");
        assert_eq!(Kinship::from_code("奶奶"), None);
    }

    #[test]
    fn circles_of_kin_are_apart() {
        #[track_caller]
        fn check(word: &str, parent: bool, grandparent: bool, relative: bool) {
            let kin = Kinship::parse(word).unwrap();
            let got = (kin.is_parent(), kin.is_grandparent(), kin.is_relative());
            assert_eq!(got, (parent, grandparent, relative), "{word}");
        }
        check("父亲", true, false, true);
        check("继母", true, false, true);
        check("养父", true, false, true);
        check("祖母", false, true, true);
        check("外公", false, true, true);
        check("祖父母", false, true, true);
        check("曾祖母", false, false, true);
        check("姑姑", false, false, true);
        check("哥哥", false, false, true);
        check("邻居", false, false, false);
        check("老师", false, false, false);
    }
}
