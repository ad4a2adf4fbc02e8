//! Who is looking: read once per request, and without it nothing about a child is read.

use super::error::{Failure, Result};
use crate::clock::Now;
use crate::ids::{SchoolId, StaffId};
use crate::journal::{Actor, Device};
use crate::vault::Key;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use rules::access::{self, Act, Decision, Relation, Role, Standing};
use std::sync::Arc;

/// A role within a scope, holding today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub role: Role,
    pub scope: Scope,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    Class(String),
    School,
    County,
    /// The children who are paired with this person.
    Paired,
}

/// How this browser wants its pages: kept in a cookie, not in the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    pub theme: Theme,
    /// Single letters do nothing: who dictates or uses a screen reader types them by accident.
    pub without_keys: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::System, "system", "跟随系统"),
        (Self::Light, "light", "浅色"),
        (Self::Dark, "dark", "深色"),
    ];

    pub fn code(self) -> &'static str {
        let found = Self::ALL.iter().find(|(theme, ..)| *theme == self);
        found.map_or("system", |(_, code, _)| code)
    }
}

impl Look {
    /// dark, or dark.silent; anything else is the usual.
    pub fn parse(text: &str) -> Self {
        let (theme, keys) = text.split_once('.').unwrap_or((text, ""));
        let found = Theme::ALL.iter().find(|(_, code, _)| *code == theme);
        Self {
            theme: found.map(|(theme, ..)| *theme).unwrap_or_default(),
            without_keys: keys == "silent",
        }
    }
}

/// A phone may be without a network for so many days.
const LONGEST_AWAY: i32 = 7;

#[derive(Clone, Debug)]
pub struct Viewer {
    pub school_id: SchoolId,
    pub school_name: String,
    pub staff_id: StaffId,
    pub name: String,
    pub grants: Vec<Grant>,
    pub now: Now,
    pub school_key: Key,
    pub token_hash: String,
    /// 公用电脑: nothing is kept in its browser.
    pub on_shared_computer: bool,
    /// 投屏: others look at the screen too.
    pub is_projecting: bool,
    pub look: Look,
    /// What is done now was written without a network, on this phone.
    pub device: Option<Device>,
}

/// What whoever accompanies children is told before there is one.
pub const NO_PAIR: &str =
    "还没有和孩子结对。请校长或班主任在孩子那一页的“结对的老师”里定，定好了就在这里。";

impl Viewer {
    pub fn today(&self) -> jiff::civil::Date {
        self.now.today
    }

    pub fn actor(&self) -> Actor<'_> {
        Actor {
            school_id: &self.school_id,
            staff_id: self.staff_id.as_str(),
            at: &self.now.at,
            key: &self.school_key,
            device: self.device.as_ref(),
        }
    }

    /// The day on which it was written: how long it waited on the phone is believed, also where the
    /// phone's clock is wrong. One that says nothing of it is believed if its clock is not wrong by
    /// more than a week, and does not run ahead.
    pub fn writing_day(&self) -> jiff::civil::Date {
        let waited = self.device.as_ref().and_then(|device| device.waited);
        let days = waited.and_then(|seconds| crate::clock::days_ago(&self.now.at, seconds));
        if let Some(days) = days.filter(|days| (0..=LONGEST_AWAY).contains(days)) {
            return rules::calendar::plus_days(self.today(), -days);
        }
        let claimed = self.device.as_ref();
        let day = claimed.and_then(|device| crate::clock::day_of(&device.claimed_at));
        let days = day.and_then(|day| self.today().since(day).ok());
        let is_near = days.is_some_and(|days| (0..=LONGEST_AWAY).contains(&days.get_days()));
        day.filter(|_| is_near).unwrap_or(self.now.today)
    }

    pub fn roles(&self) -> Vec<Role> {
        self.grants.iter().map(|grant| grant.role).collect()
    }

    pub fn has_role(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role)
    }

    /// Whether there is any child, or anything, about which this may be done.
    pub fn ever(&self, act: Act) -> bool {
        access::ever(act, &self.roles())
    }

    pub fn is_paired(&self) -> bool {
        self.grants.iter().any(|grant| grant.scope == Scope::Paired)
    }

    /// Whether all children of this viewer are those whom somebody pairs with it.
    pub fn has_only_pairs(&self) -> bool {
        let mut grants = self.grants.iter();
        self.is_paired() && grants.all(|grant| grant.scope == Scope::Paired)
    }

    pub fn sees_whole_school(&self, act: Act) -> bool {
        let wide: Vec<Role> = self
            .grants
            .iter()
            .filter(|grant| grant.scope == Scope::School)
            .map(|grant| grant.role)
            .collect();
        access::sees_whole_school(act, &wide)
    }

    /// Decides about one child, given the classes it is in today and whether it is paired.
    pub fn decide(&self, act: Act, class_id: &str, paired: bool) -> Decision {
        let standings: Vec<Standing> = self.standings(class_id, paired).collect();
        access::decide(act, &standings)
    }

    /// How each role stands to one child.
    pub fn standings(&self, class_id: &str, paired: bool) -> impl Iterator<Item = Standing> {
        self.grants.iter().map(move |grant| Standing {
            role: grant.role,
            relation: match &grant.scope {
                Scope::Class(own) if own == class_id => Relation::OwnClass,
                Scope::Class(_) => Relation::Stranger,
                Scope::School => Relation::OwnSchool,
                Scope::County => Relation::OwnCounty,
                Scope::Paired if paired => Relation::Paired,
                Scope::Paired => Relation::Stranger,
            },
        })
    }

    /// The roles that reach classes for this act, two at the most: homeroom and subject teacher.
    pub fn class_roles(&self, act: Act) -> [&'static str; 2] {
        [Role::HomeroomTeacher, Role::SubjectTeacher].map(|role| {
            let reaches = self.has_role(role)
                && access::decide(
                    act,
                    &[Standing {
                        role,
                        relation: Relation::OwnClass,
                    }],
                )
                .is_allowed();
            if reaches { role.code() } else { "" }
        })
    }

    /// Whether pairing lets this person do it.
    pub fn reaches_paired(&self, act: Act) -> bool {
        self.grants.iter().any(|grant| {
            grant.scope == Scope::Paired
                && access::decide(
                    act,
                    &[Standing {
                        role: grant.role,
                        relation: Relation::Paired,
                    }],
                )
                .is_allowed()
        })
    }

    /// 王老师: how colleagues are spoken of.
    pub fn teacher_name(&self) -> String {
        super::words::teacher(&self.name)
    }
}

/// Put into the request by the guard, so that the session is read once.
impl<S: Send + Sync> FromRequestParts<S> for Viewer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts
            .extensions
            .get::<Arc<Self>>()
            .map(|viewer| Self::clone(viewer))
            .ok_or(Failure::SignIn)
    }
}
