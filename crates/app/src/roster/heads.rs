//! Which column is which: the 学籍 export's own heads in any order, and what schools write instead.

use super::headline::find;
use crate::sheets::{Cell, MEND_LINE, MEND_WHY, Sheet, SheetRow};
use rules::identity::text::squeeze;
use std::collections::BTreeMap;

/// Where the value of a column goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    School,
    Grade,
    Class,
    Name,
    Sex,
    Born,
    IdKind,
    CitizenId,
    StudentNo,
    Nation,
    Hukou,
    HukouPlace,
    Address,
    Boarding,
    LeftBehind,
    Orphan,
    Health,
    Remark,
    CameFrom,
    /// The number that a sheet of ours gives a child.
    Number,
    /// A family member: which one, and what of it.
    Kin(u8, KinColumn),
    Line,
    Ignored,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KinColumn {
    Name,
    Kinship,
    Phone,
    OtherPhone,
    Work,
    EmployerPhone,
    Occupation,
    Address,
    Health,
}

/// The first two are family members as the export numbers them; these have fixed places.
pub const FATHER: u8 = 10;
pub const MOTHER: u8 = 11;
pub const CARER: u8 = 12;

const HEADS: &[(&str, Column)] = &[
    ("学校名称", Column::School),
    ("学校", Column::School),
    ("年级", Column::Grade),
    ("年级名称", Column::Grade),
    ("班级", Column::Class),
    ("班级名称", Column::Class),
    ("所在班级", Column::Class),
    ("班", Column::Class),
    ("年级班级", Column::Class),
    ("姓名", Column::Name),
    ("学生姓名", Column::Name),
    ("孩子姓名", Column::Name),
    ("性别", Column::Sex),
    ("出生日期", Column::Born),
    ("出生年月日", Column::Born),
    ("生日", Column::Born),
    ("身份证件类型", Column::IdKind),
    ("证件类型", Column::IdKind),
    ("身份证件号", Column::CitizenId),
    ("身份证件号码", Column::CitizenId),
    ("身份证号", Column::CitizenId),
    ("身份证号码", Column::CitizenId),
    ("身份证", Column::CitizenId),
    ("公民身份号码", Column::CitizenId),
    ("证件号码", Column::CitizenId),
    ("全国学籍号", Column::StudentNo),
    ("学籍号", Column::StudentNo),
    ("民族", Column::Nation),
    ("户口性质", Column::Hukou),
    ("户口类别", Column::Hukou),
    ("户口所在地", Column::HukouPlace),
    ("户籍地", Column::HukouPlace),
    ("户籍所在地", Column::HukouPlace),
    ("现住址", Column::Address),
    ("家庭住址", Column::Address),
    ("家庭地址", Column::Address),
    ("住址", Column::Address),
    ("就读方式", Column::Boarding),
    ("是否寄宿", Column::Boarding),
    ("是否住校", Column::Boarding),
    ("是否住宿", Column::Boarding),
    ("住宿", Column::Boarding),
    ("住宿情况", Column::Boarding),
    ("是否留守儿童", Column::LeftBehind),
    ("留守儿童", Column::LeftBehind),
    ("留守类型", Column::LeftBehind),
    ("是否留守", Column::LeftBehind),
    ("是否孤儿", Column::Orphan),
    ("健康状况", Column::Health),
    ("备注", Column::Remark),
    ("编号", Column::Number),
    ("家庭详细地址", Column::Address),
    ("住校或走读", Column::Boarding),
    ("父亲务工单位详细地址", Column::Kin(FATHER, KinColumn::Work)),
    ("母亲务工单位详细地址", Column::Kin(MOTHER, KinColumn::Work)),
    ("监护人或委托监护人", Column::Kin(CARER, KinColumn::Name)),
    ("转出学校", Column::CameFrom),
    ("原学校", Column::CameFrom),
    ("原就读学校", Column::CameFrom),
    ("父亲姓名", Column::Kin(FATHER, KinColumn::Name)),
    ("父亲", Column::Kin(FATHER, KinColumn::Name)),
    ("父亲电话", Column::Kin(FATHER, KinColumn::Phone)),
    ("父亲联系电话", Column::Kin(FATHER, KinColumn::Phone)),
    ("父亲工作单位", Column::Kin(FATHER, KinColumn::Work)),
    ("父亲务工单位", Column::Kin(FATHER, KinColumn::Work)),
    ("父亲务工地", Column::Kin(FATHER, KinColumn::Work)),
    ("父亲务工地点", Column::Kin(FATHER, KinColumn::Work)),
    ("母亲姓名", Column::Kin(MOTHER, KinColumn::Name)),
    ("母亲", Column::Kin(MOTHER, KinColumn::Name)),
    ("母亲电话", Column::Kin(MOTHER, KinColumn::Phone)),
    ("母亲联系电话", Column::Kin(MOTHER, KinColumn::Phone)),
    ("母亲工作单位", Column::Kin(MOTHER, KinColumn::Work)),
    ("母亲务工单位", Column::Kin(MOTHER, KinColumn::Work)),
    ("母亲务工地", Column::Kin(MOTHER, KinColumn::Work)),
    ("母亲务工地点", Column::Kin(MOTHER, KinColumn::Work)),
    ("父亲职业", Column::Kin(FATHER, KinColumn::Occupation)),
    ("母亲职业", Column::Kin(MOTHER, KinColumn::Occupation)),
    (
        "父亲单位电话",
        Column::Kin(FATHER, KinColumn::EmployerPhone),
    ),
    (
        "母亲单位电话",
        Column::Kin(MOTHER, KinColumn::EmployerPhone),
    ),
    ("实际照料人", Column::Kin(CARER, KinColumn::Name)),
    ("照料人", Column::Kin(CARER, KinColumn::Name)),
    ("照看人", Column::Kin(CARER, KinColumn::Name)),
    ("监护人姓名", Column::Kin(CARER, KinColumn::Name)),
    ("监护人", Column::Kin(CARER, KinColumn::Name)),
    ("照看人姓名", Column::Kin(CARER, KinColumn::Name)),
    ("照料人姓名", Column::Kin(CARER, KinColumn::Name)),
    ("委托监护人", Column::Kin(CARER, KinColumn::Name)),
    ("照料人关系", Column::Kin(CARER, KinColumn::Kinship)),
    ("照看人关系", Column::Kin(CARER, KinColumn::Kinship)),
    ("与儿童关系", Column::Kin(CARER, KinColumn::Kinship)),
    ("监护人关系", Column::Kin(CARER, KinColumn::Kinship)),
    ("与学生关系", Column::Kin(CARER, KinColumn::Kinship)),
    ("与照看人关系", Column::Kin(CARER, KinColumn::Kinship)),
    ("与照料人关系", Column::Kin(CARER, KinColumn::Kinship)),
    ("与监护人关系", Column::Kin(CARER, KinColumn::Kinship)),
    ("照看人与学生关系", Column::Kin(CARER, KinColumn::Kinship)),
    ("监护人与学生关系", Column::Kin(CARER, KinColumn::Kinship)),
    ("监护人与孩子关系", Column::Kin(CARER, KinColumn::Kinship)),
    ("与孩子关系", Column::Kin(CARER, KinColumn::Kinship)),
    ("照料人电话", Column::Kin(CARER, KinColumn::Phone)),
    ("照看人电话", Column::Kin(CARER, KinColumn::Phone)),
    ("监护人电话", Column::Kin(CARER, KinColumn::Phone)),
    ("监护人联系电话", Column::Kin(CARER, KinColumn::Phone)),
    ("照料人职业", Column::Kin(CARER, KinColumn::Occupation)),
    ("照看人职业", Column::Kin(CARER, KinColumn::Occupation)),
    ("监护人职业", Column::Kin(CARER, KinColumn::Occupation)),
    ("照料人住址", Column::Kin(CARER, KinColumn::Address)),
    ("照看人住址", Column::Kin(CARER, KinColumn::Address)),
    ("监护人住址", Column::Kin(CARER, KinColumn::Address)),
    ("监护人地址", Column::Kin(CARER, KinColumn::Address)),
    ("监护人详细地址", Column::Kin(CARER, KinColumn::Address)),
    ("照料人身体状况", Column::Kin(CARER, KinColumn::Health)),
    ("照看人身体状况", Column::Kin(CARER, KinColumn::Health)),
    ("监护人身体状况", Column::Kin(CARER, KinColumn::Health)),
    ("照看人健康状况", Column::Kin(CARER, KinColumn::Health)),
    ("监护人健康状况", Column::Kin(CARER, KinColumn::Health)),
    ("监护人工作单位", Column::Kin(CARER, KinColumn::Work)),
    (MEND_WHY, Column::Ignored),
    (MEND_LINE, Column::Line),
];

/// The numbered family members: 家庭成员1姓名, 家长2电话 …
const NUMBERED: [&str; 3] = ["家庭成员", "家长", "成员"];
const NUMBERED_ENDS: [(&str, KinColumn); 9] = [
    ("姓名", KinColumn::Name),
    ("关系", KinColumn::Kinship),
    ("与学生关系", KinColumn::Kinship),
    ("联系电话", KinColumn::Phone),
    ("电话", KinColumn::Phone),
    ("工作单位或务工地", KinColumn::Work),
    ("工作单位", KinColumn::Work),
    ("务工地", KinColumn::Work),
    ("职业", KinColumn::Occupation),
];

/// Whose second number a head names: 父亲备用电话, 监护人电话2.
const WHOSE: [(&str, u8); 5] = [
    ("父亲", FATHER),
    ("母亲", MOTHER),
    ("照看人", CARER),
    ("照料人", CARER),
    ("监护人", CARER),
];
const SECOND: [&str; 8] = [
    "备用电话",
    "其他电话",
    "其它电话",
    "另一个电话",
    "第二电话",
    "电话2",
    "电话二",
    "联系电话2",
];

/// The head line of a sheet and what each of its columns is.
#[derive(Clone, Debug)]
pub struct Heads {
    pub line: u32,
    pub titles: Vec<String>,
    pub columns: BTreeMap<usize, Column>,
}

fn kin_zh(which: u8) -> String {
    match which {
        FATHER => "父亲".to_owned(),
        MOTHER => "母亲".to_owned(),
        CARER => "照看人".to_owned(),
        number => format!("家庭成员{number}"),
    }
}

impl Column {
    const ALL: &[Self] = &[
        Self::Name,
        Self::Sex,
        Self::Born,
        Self::Grade,
        Self::Class,
        Self::CitizenId,
        Self::IdKind,
        Self::StudentNo,
        Self::Nation,
        Self::Hukou,
        Self::HukouPlace,
        Self::Address,
        Self::Boarding,
        Self::LeftBehind,
        Self::Orphan,
        Self::Health,
        Self::Kin(FATHER, KinColumn::Name),
        Self::Kin(FATHER, KinColumn::Phone),
        Self::Kin(FATHER, KinColumn::OtherPhone),
        Self::Kin(FATHER, KinColumn::Work),
        Self::Kin(FATHER, KinColumn::EmployerPhone),
        Self::Kin(MOTHER, KinColumn::Name),
        Self::Kin(MOTHER, KinColumn::Phone),
        Self::Kin(MOTHER, KinColumn::OtherPhone),
        Self::Kin(MOTHER, KinColumn::Work),
        Self::Kin(MOTHER, KinColumn::EmployerPhone),
        Self::Kin(CARER, KinColumn::Name),
        Self::Kin(CARER, KinColumn::Kinship),
        Self::Kin(CARER, KinColumn::Phone),
        Self::Kin(CARER, KinColumn::OtherPhone),
        Self::Kin(CARER, KinColumn::Work),
        Self::Kin(CARER, KinColumn::Occupation),
        Self::Kin(CARER, KinColumn::Address),
        Self::Kin(CARER, KinColumn::Health),
        Self::Kin(1, KinColumn::Name),
        Self::Kin(1, KinColumn::Kinship),
        Self::Kin(1, KinColumn::Phone),
        Self::Kin(1, KinColumn::Work),
        Self::Kin(2, KinColumn::Name),
        Self::Kin(2, KinColumn::Kinship),
        Self::Kin(2, KinColumn::Phone),
        Self::Kin(2, KinColumn::Work),
        Self::School,
        Self::Remark,
        Self::CameFrom,
        Self::Number,
    ];

    /// What `zh` said; anything else goes nowhere.
    fn from_zh(place: &str) -> Self {
        // As schools were told it before.
        let place = &place
            .replace("的和孩子", "和孩子")
            .replace("的在哪里", "在哪里")
            .replace("的做什么的", "平时做什么");
        let found = Self::ALL.iter().find(|column| column.zh() == *place);
        found.copied().unwrap_or(Self::Ignored)
    }

    /// What the values become, in a teacher's words; empty: nothing.
    pub fn zh(self) -> String {
        let word = match self {
            Self::School => "学校",
            Self::Grade => "年级",
            Self::Class => "班级",
            Self::Name => "姓名",
            Self::Sex => "性别",
            Self::Born => "出生日期",
            Self::IdKind => "证件类型",
            Self::CitizenId => "身份证号",
            Self::StudentNo => "学籍号",
            Self::Nation => "民族",
            Self::Hukou => "户口性质",
            Self::HukouPlace => "户口所在地",
            Self::Address => "家庭住址",
            Self::Boarding => "住校还是走读",
            Self::LeftBehind => "爸妈在不在家，0、1、2都认得",
            Self::Orphan => "是否孤儿",
            Self::Health => "健康状况",
            Self::Remark => "备注",
            Self::CameFrom => "从哪所学校来",
            Self::Number => "本系统里的编号",
            Self::Kin(which, part) => {
                let part = match part {
                    KinColumn::Name => "的姓名",
                    KinColumn::Kinship => "和孩子的关系",
                    KinColumn::Phone => "的电话",
                    KinColumn::OtherPhone => "的另一个号码",
                    KinColumn::Work => "在哪里做事",
                    KinColumn::EmployerPhone => "的单位电话",
                    KinColumn::Occupation => "平时做什么",
                    KinColumn::Address => "的住址",
                    KinColumn::Health => "的身体状况",
                };
                return format!("{}{part}", kin_zh(which));
            }
            Self::Line | Self::Ignored => "",
        };
        word.to_owned()
    }
}

/// What stands under a list in place of a name.
const SUMS: [&str; 5] = ["合计", "总计", "小计", "共计", "总人数"];

/// What the line under a list begins with: who made it, and when.
const FEET: [&str; 12] = [
    "制表人",
    "填表人",
    "填报人",
    "制表",
    "填表",
    "审核人",
    "负责人",
    "班主任签字",
    "校长签字",
    "填表日期",
    "说明",
    "注",
];

impl Heads {
    /// Whether a line says anything of a child. Lists are numbered beyond their last child, carry the
    /// same class in every line, and end with a sum.
    pub fn tells_of_a_child(&self, row: &SheetRow) -> bool {
        let said = |wanted: &dyn Fn(&Column) -> bool| {
            let own = self.columns.iter().filter(|(_, column)| wanted(column));
            let mut cells = own.filter_map(|(at, _)| row.cells.get(*at));
            cells.any(|cell| !cell.text().trim().is_empty())
        };
        let ends_the_list = || {
            let bare = |text: &str| text.split_whitespace().collect::<String>();
            let is_sum = |text: &str| SUMS.contains(&bare(text).trim_end_matches(['：', ':']));
            let is_foot = |text: &str| {
                let text = bare(text);
                let said = text.split_once(['：', ':']).map(|(word, _)| word);
                said.is_some_and(|word| FEET.contains(&word))
            };
            let mut cells = row.cells.iter().map(Cell::text);
            let first = cells.clone().find(|text| !text.trim().is_empty());
            cells.any(is_sum) || first.is_some_and(is_foot)
        };
        let own = |column: &Column| {
            matches!(
                column,
                Column::Born | Column::CitizenId | Column::StudentNo | Column::Number
            )
        };
        let any = |column: &Column| {
            own(column)
                || matches!(
                    column,
                    Column::Name
                        | Column::Sex
                        | Column::Address
                        | Column::HukouPlace
                        | Column::Health
                        | Column::Remark
                        | Column::CameFrom
                        | Column::Kin(..)
                )
        };
        (said(&own) || said(&any)) && !ends_the_list()
    }

    /// Each titled column of the sheet, and where its values go.
    pub fn understood(&self) -> Vec<(String, String)> {
        self.titles
            .iter()
            .enumerate()
            .filter(|(_, title)| !title.is_empty())
            .filter(|(_, title)| ![MEND_WHY, MEND_LINE].contains(&title.as_str()))
            .map(|(at, title)| {
                let place = self.columns.get(&at).map(|column| column.zh());
                (title.clone(), place.unwrap_or_default())
            })
            .collect()
    }

    /// What may stand in the columns that hold one of a few words.
    pub fn choices(&self, classes: &[String]) -> Vec<(usize, Vec<String>)> {
        let words = |column: &Column| -> Vec<String> {
            let fixed: &[&str] = match column {
                Column::Sex => &["男", "女"],
                Column::Boarding => &["住校", "走读"],
                Column::Hukou => &["农业户口", "非农业户口"],
                Column::LeftBehind => &["非留守儿童", "单亲留守儿童", "双亲留守儿童"],
                Column::Class => return classes.to_vec(),
                _ => &[],
            };
            fixed.iter().map(|word| (*word).to_owned()).collect()
        };
        self.columns
            .iter()
            .map(|(at, column)| (*at, words(column)))
            .filter(|(_, words)| !words.is_empty())
            .collect()
    }
}

/// A head is looked for in so many lines: a title and a note may stand above it.
pub(super) const LOOK_IN: usize = 10;
/// A line with so many known heads, the name among them, is the head line.
pub(super) const LEAST_KNOWN: usize = 2;

fn column(title: &str) -> Option<Column> {
    let title = squeeze(title);
    let bare: String = title
        .chars()
        .filter(|one| !matches!(one, '*' | ':' | '：'))
        .collect();
    let bare = bare.split(['(', '（']).next().unwrap_or_default();
    if let Some((_, column)) = HEADS.iter().find(|(head, _)| *head == bare) {
        return Some(*column);
    }
    let second = WHOSE.iter().find_map(|(whose, which)| {
        let what = bare.strip_prefix(whose)?;
        SECOND.contains(&what).then_some(*which)
    });
    if let Some(which) = second {
        return Some(Column::Kin(which, KinColumn::OtherPhone));
    }
    NUMBERED.iter().find_map(|start| {
        let rest = bare.strip_prefix(start)?;
        let number = rest.chars().next()?.to_digit(10)?;
        let end = rest.get(1..)?;
        let (_, what) = NUMBERED_ENDS.iter().find(|(known, _)| *known == end)?;
        Some(Column::Kin(u8::try_from(number).ok()?, *what))
    })
}

/// 爸爸手机 is 父亲电话: heads as schools write them themselves.
fn in_their_words(title: &str) -> String {
    let title = squeeze(title)
        .replace("爸爸", "父亲")
        .replace("妈妈", "母亲");
    let phones = ["联系方式", "手机号码", "手机号", "手机", "电话号码"];
    let spoken = phones.iter().find(|word| title.ends_with(*word));
    match spoken {
        Some(word) => format!("{}电话", title.trim_end_matches(word)),
        None => title,
    }
}

/// 父亲的电话: who writes a sheet by our own list of places is understood.
fn as_offered(title: &str) -> Option<Column> {
    let title = squeeze(title);
    let mut all = Column::ALL.iter().copied();
    all.find(|column| column.zh() == title)
}

/// What a school said of its own heads: title and place, as `places` spells it.
pub type Learned = BTreeMap<String, String>;

pub(super) fn known(row: &SheetRow, learned: &Learned) -> BTreeMap<usize, Column> {
    let told = |title: &str| match learned.get(&squeeze(title)) {
        Some(place) => Some(Column::from_zh(place)),
        None => column(title)
            .or_else(|| column(&in_their_words(title)))
            .or_else(|| as_offered(title)),
    };
    row.cells
        .iter()
        .enumerate()
        .filter_map(|(at, cell)| told(cell.text()).map(|column| (at, column)))
        .collect()
}

/// How a title is remembered.
pub fn remembered(title: &str) -> String {
    squeeze(title)
}

/// Every place that a column may be put, in a teacher's words.
pub fn places() -> Vec<String> {
    Column::ALL.iter().map(|column| column.zh()).collect()
}

/// A head line with the name and nothing else that we know.
pub fn has_name_alone(sheet: &Sheet, learned: &Learned) -> bool {
    let mut lines = sheet.rows.iter().take(LOOK_IN);
    lines.any(|row| known(row, learned).values().eq([&Column::Name]))
}

/// Two columns with the child's name: which of them is the child's is not ours to guess.
pub fn named_twice(sheet: &Sheet, learned: &Learned) -> Option<String> {
    let heads = find(sheet, learned)?;
    let own = heads.columns.iter();
    let named = own.filter(|(_, column)| **column == Column::Name);
    let titles: Vec<&str> = named
        .filter_map(|(at, _)| heads.titles.get(*at).map(String::as_str))
        .collect();
    (titles.len() > 1).then(|| {
        format!(
            "表里有{}列像是孩子的姓名：{}。请把不是孩子的那一列改个表头，例如“父亲姓名”，再传一次。",
            titles.len(),
            titles.join("、")
        )
    })
}
