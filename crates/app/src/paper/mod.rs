//! 打印中心: every form on paper and as a file, for one child, a class or a school.

pub mod card;
pub mod collect;
mod compose;
pub mod excel;
mod folder;
mod going_out;
pub mod jobs;
pub mod lists;
mod nameless;
pub mod pages;
mod pictures;
pub mod register;
pub mod release;
mod releases;
pub mod sheets;
pub mod word;

use crate::web::guard::Door;
use rules::access::Act;
use rules::coded;

coded! {
    /// What a sheet becomes.
    Output { Pdf = "pdf", Docx = "docx", Xlsx = "xlsx", Html = "html" }
}

coded! {
    /// What a sheet is wanted for; written down with each release.
    Purpose {
        Filing = "filing", Inspection = "inspection", Family = "family", Checking = "checking",
        Exchange = "exchange",
    }
}

impl Purpose {
    /// Whether people who are not of the school or the family get it.
    pub fn is_for_others(self) -> bool {
        matches!(self, Self::Inspection | Self::Exchange)
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Filing => "学校存档",
            Self::Inspection => "上级检查",
            Self::Family => "交给家里",
            Self::Checking => "自己核对",
            Self::Exchange => "拿出去交流",
        }
    }
}

impl Output {
    /// What this build can make; the press is heavy to build and may be left out.
    pub fn offered() -> Vec<Self> {
        let is_made = |one: &Self| press::SETS_TYPE || *one != Self::Pdf;
        Self::ALL.iter().copied().filter(is_made).collect()
    }

    /// In a list of what was made.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Docx => "Word",
            Self::Xlsx => "Excel",
            Self::Html => "网页",
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Html => "text/html; charset=utf-8",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Pdf => "PDF，直接打印",
            Self::Docx => "Word，还要接着写",
            Self::Xlsx => "Excel登记表",
            Self::Html => "在网页里看",
        }
    }
}

/// The whole folder of a child.
pub const WHOLE: &str = "dossier";
/// 家校联系卡 in its own shape, four to a page.
pub const CARD: &str = "contact_card";
/// The same card as a sheet of its own, with all that its form asks for.
pub const CARD_SHEET: &str = "contact_card_sheet";

pub fn staff(door: Door) -> Door {
    door.get("/print", Act::PrintCards, pages::choose)
        .post("/print", Act::PrintCards, pages::print)
        .get("/print/preview", Act::PrintCards, pages::preview)
        .get("/office/releases", Act::ReadJournal, releases::list)
        .get("/print/jobs/{job}", Act::PrintCards, jobs::one)
        .get("/print/jobs/{job}/file", Act::PrintCards, jobs::file)
        .post("/print/jobs/{job}/cancel", Act::PrintCards, jobs::cancel)
}
