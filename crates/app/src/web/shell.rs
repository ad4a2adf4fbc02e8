//! The frame of every staff page: places, search, ribbon, undo.

use super::viewer::{Look, Theme, Viewer};
use super::{assets, words};
use rules::access::Act;

/// A place in the rail and in the bar below.
pub struct Place {
    pub href: &'static str,
    pub title: &'static str,
    pub current: bool,
}

/// What was just saved and can be taken back.
pub struct Undo {
    pub href: String,
    pub back: String,
    /// Where more is said of what was just saved with one tap.
    pub more: String,
}

pub struct Shell {
    /// The browser tab: never a child's name.
    pub title: String,
    pub css: &'static str,
    pub js: &'static str,
    pub school: String,
    pub person: String,
    /// Whose drafts these are.
    pub by: String,
    pub places: Vec<Place>,
    pub here: String,
    pub may_note: bool,
    pub may_search: bool,
    pub is_form: bool,
    /// A table that needs the room of a desk.
    pub is_wide: bool,
    pub is_demo: bool,
    pub on_shared_computer: bool,
    pub is_projecting: bool,
    pub look: Look,
    pub undo: Option<Undo>,
    pub notice: Option<String>,
}

impl Shell {
    pub fn new(app: &crate::App, viewer: &Viewer, title: &str, here: &str) -> Self {
        let places = [
            ("/week", "本周", Act::SeeWeek),
            ("/children", "孩子", Act::SeeChild),
            ("/calls", "亲情", Act::SeeContacts),
            ("/overview", "汇总", Act::SeeCounts),
            ("/office", "资料室", Act::ReadJournal),
        ];
        let office = [
            Act::ImportRoster,
            Act::AdoptPack,
            Act::ReadJournal,
            Act::OpenRegisters,
            Act::PrintCards,
            Act::ManageAccounts,
            Act::ManageCalendar,
        ];
        let places = places
            .into_iter()
            .filter(|(href, _, act)| match *href {
                "/office" => office.iter().any(|act| viewer.ever(*act)),
                _ => viewer.ever(*act),
            })
            .map(|(href, title, _)| Place {
                href,
                title,
                current: href == here,
            })
            .collect();
        Self {
            // A projected tab says nothing of what stands in it.
            title: if viewer.is_projecting {
                "校务"
            } else {
                title
            }
            .to_owned(),
            css: assets::CSS_PATH.as_str(),
            js: assets::JS_PATH.as_str(),
            school: viewer.school_name.clone(),
            person: viewer.teacher_name(),
            by: viewer.staff_id.to_string(),
            places,
            here: here.to_owned(),
            may_note: viewer.ever(Act::WriteRecord),
            may_search: viewer.ever(Act::SeeChild),
            is_form: false,
            is_wide: false,
            is_demo: app.is_demo,
            on_shared_computer: viewer.on_shared_computer,
            is_projecting: viewer.is_projecting,
            look: viewer.look,
            undo: None,
            notice: None,
        }
    }

    /// Empty: as the system has it.
    pub fn theme(&self) -> &'static str {
        match self.look.theme {
            _ if self.is_projecting => Theme::Light.code(),
            Theme::System => "",
            theme => theme.code(),
        }
    }

    /// The bar below has room for three places; the others stand behind 更多.
    pub fn more_is_current(&self) -> bool {
        self.here == "/more" || self.places.iter().skip(3).any(|place| place.current)
    }

    /// A page with one form and no bar below.
    pub fn form(mut self) -> Self {
        self.is_form = true;
        self
    }

    pub fn wide(mut self) -> Self {
        self.is_wide = true;
        self
    }

    pub fn with_error(mut self) -> Self {
        self.title = format!("错误：{}", self.title);
        self
    }

    /// Offers to take back what a redirect says was just saved.
    pub fn with_done(mut self, fields: &super::Fields, back: &str) -> Self {
        if let Some(record) = fields.opt("done").and_then(|id| id.parse().ok()) {
            let record: crate::ids::RecordId = record;
            self.undo = Some(Undo {
                href: format!("/records/{record}/undo"),
                more: format!("/records/{record}/edit"),
                back: words::own_path(back).to_owned(),
            });
        }
        self.notice = match fields.get("said") {
            "undone" => Some("撤销了，和记之前一样。".to_owned()),
            "undone_but" => Some("撤销了。一起记的里面，后来单独改过的留着。".to_owned()),
            "paired" => Some("安排好了，那位老师的本周里有了。".to_owned()),
            "counselling" => Some("记下了，该做的事已经重新算过。".to_owned()),
            "again" => Some("刚才已经记过这一条，没有重复记。".to_owned()),
            _ => None,
        };
        self
    }

    /// The page itself is where more can be added.
    pub fn without_more(mut self) -> Self {
        if let Some(undo) = &mut self.undo {
            undo.more.clear();
        }
        self
    }
}
