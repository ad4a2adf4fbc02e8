//! The closed set of facts about a child that packs may ask for.
//!
//! A fact that is not known is absent, never "no": a rule that needs it answers "cannot say".

use alloc::{string::String, vec::Vec};
use jiff::civil::Date;

/// What kind of value a fact has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactType {
    /// A whole number.
    Number,
    /// One of the listed words.
    Choice(&'static [&'static str]),
    /// Yes or no.
    YesNo,
    /// A civil date.
    Day,
}

/// A value of a fact, or the value that a condition asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    Number(i64),
    /// A whole number of which only the least it can be is known: the 学籍 code says "three months
    /// or more" and no date.
    NumberFrom(i64),
    Word(String),
    /// A word of which only these are left: of two parents one is known to be away.
    OneOf(Vec<String>),
    YesNo(bool),
    Day(Date),
}

macro_rules! facts {
    ($($variant:ident $code:literal $kind:expr, $zh:literal, $doc:literal;)*) => {
        /// The facts. Each says its type and its meaning in one line; `nuanchao pack facts` lists them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fact {
            $(#[doc = $doc] $variant,)*
        }

        impl Fact {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name that packs use.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            pub fn kind(self) -> FactType {
                match self { $(Self::$variant => $kind,)* }
            }

            /// The word for it in Chinese.
            pub fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh,)* }
            }

            /// One line of meaning, with its unit.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}

facts! {
    ParentsAway "parents_away" FactType::Choice(&["neither", "one", "both"]), "父母在外",
        "which parents are away at the as-of date, by the rule's absence terms";
    AwayMonths "away_months" FactType::Number, "在外月数",
        "completed months for which it has been so without interruption (both: since the later left)";
    AwayDays "away_days" FactType::Number, "在外天数",
        "days for which it has been so without interruption";
    AnyAwayMonths "any_away_months" FactType::Number, "至少一方在外月数",
        "completed months for which at least one parent has been away (since the earlier left)";
    ParentAtHome "parent_at_home" FactType::Choice(&["capable", "incapable", "nobody"]), "留在家的一方",
        "the parent who is not away: able to care, not able (重病、重残 and the like), or nobody (dead, missing, in prison)";
    Orphan "orphan" FactType::YesNo, "父母双亡",
        "both parents are dead";
    Unsupported "unsupported" FactType::YesNo, "事实无人抚养",
        "neither parent can raise the child: each is dead, missing, in prison or gravely ill or disabled, and not both are dead";
    AgeYears "age_years" FactType::Number, "周岁",
        "completed years at the as-of date; the birthday itself counts";
    Grade "grade" FactType::Number, "年级",
        "1–6 primary, 7–9 junior, in the school year of the as-of date";
    Enrolled "enrolled" FactType::YesNo, "在读",
        "has a class at the as-of date";
    Boarding "boarding" FactType::YesNo, "住校",
        "sleeps at school on school nights";
    Hukou "hukou" FactType::Choice(&["rural", "urban"]), "户口性质",
        "kind of household registration";
    LivesWith "lives_with" FactType::Choice(&[
        "parent", "grandparent", "relative", "friend", "sibling", "other", "alone"
    ]), "和谁一起住",
        "who looks after the child at home; relatives are kin other than grandparents";
    CarerAge "carer_age" FactType::Number, "照看人年龄",
        "completed years of the carer at home";
    RegistryCode "registry_code" FactType::Choice(&["0", "1", "2"]), "学籍登记",
        "the 学籍 system's own code: 0 非留守, 1 单亲留守, 2 双亲留守";
    StudyHelp "study_help" FactType::YesNo, "学习要搭把手",
        "a teacher has noted that study needs support";
    Priority "priority" FactType::YesNo, "重点陪伴",
        "named by the school as needing extra support";
    IndividualPlan "individual_plan" FactType::YesNo, "有支持方案",
        "an individual plan is in force";
    PlanNeeded "plan_needed" FactType::YesNo, "要有支持方案",
        "the school has decided that the child needs an individual plan";
    CounsellingNeeded "counselling_needed" FactType::YesNo, "要心理老师陪",
        "the school has decided that the child needs the counsellor";
    ParentSilentDays "parent_silent_days" FactType::Number, "父母多久没联系",
        "days since either parent was last known to be in touch with the child";
}

impl Fact {
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fact| fact.code() == code)
    }
}

/// What is known about one child on one day: no name, no id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts([Option<Value>; Fact::ALL.len()]);

impl Facts {
    pub fn get(&self, fact: Fact) -> Option<&Value> {
        self.0.get(fact as usize)?.as_ref()
    }

    pub fn set(&mut self, fact: Fact, value: Value) {
        if let Some(slot) = self.0.get_mut(fact as usize) {
            *slot = Some(value);
        }
    }

    pub fn set_if_known(&mut self, fact: Fact, value: Option<Value>) {
        if let Some(value) = value {
            self.set(fact, value);
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (Fact, &Value)> {
        Fact::ALL
            .iter()
            .zip(&self.0)
            .filter_map(|(fact, value)| value.as_ref().map(|value| (*fact, value)))
    }
}
